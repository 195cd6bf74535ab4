"""Limits hold while Redis hangs and while it is down, and requests hardly wait for it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from time import monotonic
from uuid import uuid4

import pytest

from core.limits import keys
from core.limits.buckets import Charge, TokenBucket
from core.limits.rate_limits import RateLimits
from core.redis import timeouts as redis_timeouts
from core.redis.timeouts import RedisAllowance
from tests.processes import paused
from tests.running import Valkey, stopped

SLOW = TokenBucket.of(10, minutes=15)


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with Valkey(tmp_path_factory.mktemp("valkey")) as valkey:
        yield valkey


@pytest.fixture
async def limits(valkey: Valkey) -> AsyncIterator[RateLimits]:
    limits = RateLimits(valkey.url)
    limits._breaker._open_seconds = 0.3
    yield limits
    await limits.close()


@contextmanager
def hanging(valkey: Valkey) -> Iterator[None]:
    with paused(valkey.pid):
        yield


AWAY = pytest.mark.parametrize("away", [hanging, stopped])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as briefly as in production: tests/conftest.py is patient on a busy machine."""
    monkeypatch.setattr(redis_timeouts, "REQUEST_WAIT_SECONDS", 0.1)


def new_key() -> keys.LimitKey:
    return keys.of_network(uuid4().hex)


async def charge(limits: RateLimits, key: keys.LimitKey, cost: int = 1) -> Charge:
    return await limits.charge({key: SLOW}, cost, RedisAllowance())


async def allowed(limits: RateLimits, key: keys.LimitKey, times: int) -> int:
    return sum([(await charge(limits, key)).allowed for _ in range(times)])


async def test_processes_share_a_bucket(limits: RateLimits, valkey: Valkey) -> None:
    other, key = RateLimits(valkey.url), new_key()
    charges = (charge(one, key) for one in (limits, other) * 20)
    assert sum(one.allowed for one in await asyncio.gather(*charges)) == 10
    await other.close()


async def charge_together(limits: RateLimits) -> list[bool]:
    debts = [({new_key(): SLOW}, cost) for cost in (10, 11, 1)]
    return [one.allowed for one in await limits.charge_each(debts, RedisAllowance())]


async def test_charges_made_together_are_independent(limits: RateLimits) -> None:
    assert await charge_together(limits) == [True, False, True]


@AWAY
@pytest.mark.usefixtures("quick")
async def test_charges_are_made_together_while_redis_is_away(
    limits: RateLimits, valkey: Valkey, away: type
) -> None:
    with away(valkey):
        assert await charge_together(limits) == [True, False, True]


async def test_a_refund_makes_room(limits: RateLimits) -> None:
    key = new_key()
    assert await allowed(limits, key, 12) == 10
    await limits.refund({key: SLOW}, 1, RedisAllowance())
    assert await allowed(limits, key, 12) == 1


async def test_a_refused_charge_knows_when_to_come_back(limits: RateLimits) -> None:
    key = new_key()
    assert (await charge(limits, key, 10)).allowed
    refused = await charge(limits, key, 5)
    assert not refused.allowed
    assert 5 * 90 - 5 < refused.wait_seconds <= 5 * 90


@AWAY
@pytest.mark.usefixtures("quick")
async def test_limits_hold_while_redis_is_away(
    limits: RateLimits, valkey: Valkey, away: type
) -> None:
    """Half of the limit, and what was counted before counts."""
    new, used = new_key(), new_key()
    assert await allowed(limits, used, 4) == 4
    with away(valkey):
        for _ in range(3):  # opens the circuit
            await charge(limits, new_key())
        assert limits._breaker.open
        assert await allowed(limits, new, 40) == 5
        assert await allowed(limits, used, 40) == 1


@AWAY
@pytest.mark.usefixtures("quick")
async def test_few_requests_wait_for_a_redis_that_is_away(
    limits: RateLimits, valkey: Valkey, away: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits._breaker._open_seconds = 60
    asked: list[float] = []
    spend = RedisAllowance.spend

    async def record(allowance: RedisAllowance, asking: object) -> object:
        asked.append(allowance._remaining)
        return await spend(allowance, asking)  # type: ignore[arg-type]

    monkeypatch.setattr(RedisAllowance, "spend", record)
    with away(valkey):
        for _ in range(40):
            request = RedisAllowance()
            for _ in range(4):
                await limits.charge({new_key(): SLOW}, 1, request)
    assert len(asked) == 3, asked
    assert max(asked) == redis_timeouts.REQUEST_WAIT_SECONDS == 0.1


@pytest.mark.usefixtures("quick")
async def test_one_request_waits_once(limits: RateLimits, valkey: Valkey) -> None:
    with hanging(valkey):
        request = RedisAllowance()
        await limits.charge({new_key(): SLOW}, 1, request)
        assert request.spent
        assert limits._breaker._failed == 1
        await limits.charge({new_key(): SLOW}, 1, request)
        assert limits._breaker._failed == 1, "Redis was asked again"


@AWAY
@pytest.mark.usefixtures("quick")
async def test_limits_are_shared_again_once_redis_is_back(
    limits: RateLimits, valkey: Valkey, away: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key()
    assert await allowed(limits, key, 3) == 3
    with away(valkey):
        for _ in range(4):
            await charge(limits, new_key())
        assert limits._breaker.open
    monkeypatch.setattr(redis_timeouts, "REQUEST_WAIT_SECONDS", 5.0)
    await asyncio.sleep(0.35)
    fresh = new_key()
    assert await allowed(limits, fresh, 20) == 10
    assert not limits._breaker.open
    # Replies belong to their requests: a connection whose reply is still due is not used again.
    # This server loses its data when it stops.
    assert (await charge(limits, key, 0)).remaining == (7 if away is hanging else 10)


async def test_a_reply_that_is_there_is_not_discarded(
    limits: RateLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy event loop is no Redis that hangs."""
    await charge(limits, new_key())  # connects, and loads the script
    monkeypatch.setattr(redis_timeouts, "REQUEST_WAIT_SECONDS", 0.05)
    for _ in range(3):
        charging = asyncio.create_task(charge(limits, new_key()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        blocked_until = monotonic() + 0.1
        while monotonic() < blocked_until:
            pass
        assert (await charging).allowed
    assert limits._breaker._failed == 0

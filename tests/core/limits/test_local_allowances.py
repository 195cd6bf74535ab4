"""A process spends points at once, and exceeds a limit by its allowance at most."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio.client import Pipeline

from core.limits import keys, local_allowances
from core.limits.buckets import TokenBucket
from core.limits.keys import LimitKey
from core.limits.local_allowances import LocalAllowances
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from tests import servers

BUCKET = TokenBucket(1_000, 0.001)  # hardly leaks
SHARE = 1_000 // local_allowances.ALLOWED_SHARE


@pytest.fixture
async def processes() -> AsyncIterator[list[tuple[RateLimits, LocalAllowances]]]:
    async with AsyncExitStack() as stack:
        found, url = [], servers.new_redis_url()
        for _ in range(2):
            limits = RateLimits(url)
            stack.push_async_callback(limits.close)
            allowances = LocalAllowances(limits)
            stack.push_async_callback(allowances.close)
            found.append((limits, allowances))
        yield found


@pytest.fixture(autouse=True)
def settled_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_allowances, "SETTLE_SECONDS", 3_600)


def network() -> LimitKey:
    return keys.of_network(uuid4().hex)


async def spend(
    process: tuple[RateLimits, LocalAllowances], key: LimitKey, cost: int
) -> tuple[bool, bool]:
    """Spend points as a request does. Return whether it was allowed, and whether by Redis."""
    limits, allowances = process
    if allowances.spend(key, cost):
        return True, False
    charge = await limits.charge({key: BUCKET}, cost, RedisAllowance())
    if charge.allowed:
        allowances.grant(key, BUCKET, charge)
    return charge.allowed, True


async def test_a_limit_is_exceeded_by_the_allowances_at_most(processes: Any) -> None:
    key, allowed, asked = network(), 0, 0

    async def call_until_refused(process: Any) -> None:
        nonlocal allowed, asked
        refused = 0
        for number in range(2_000):
            is_allowed, by_redis = await spend(process, key, 1)
            allowed, asked = allowed + is_allowed, asked + by_redis
            refused += not is_allowed
            if number % 10 == 0:
                await process[1].settle()
            if refused > 50:
                return

    await asyncio.gather(*(call_until_refused(one) for one in processes))
    assert 1_000 <= allowed <= 1_000 + 2 * SHARE + 5
    assert asked < allowed, "some were spent without Redis"


async def test_networks_are_settled_in_one_round_trip(
    processes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits, allowances = processes[0]
    networks = [network() for _ in range(20)]
    for key in networks:
        await spend(processes[0], key, 1)
    sent: list[int] = []
    execute = Pipeline.execute

    async def record(pipe: Pipeline, *more: Any, **others: Any) -> Any:
        if pipe.connection_pool is limits._redis.connection_pool:  # the shared app has its own
            sent.append(len(pipe.command_stack))
        return await execute(pipe, *more, **others)

    monkeypatch.setattr(Pipeline, "execute", record)
    for key in networks:
        for _ in range(3):
            assert await spend(processes[0], key, 2) == (True, False)
    assert sent == []
    await allowances.settle()
    assert sent == [20]
    charge = await limits.charge({networks[0]: BUCKET}, 1, RedisAllowance())
    assert 990 <= charge.remaining <= 992, "1 + 3 * 2 + 1 points"
    await allowances.settle()
    assert sent == [20, 1], "nothing is settled twice"
    monkeypatch.setattr(local_allowances, "MAX_SETTLED", 15)
    for key in networks:
        assert await spend(processes[0], key, 2) == (True, False)
    await allowances.settle()
    assert sent == [20, 1, 15, 5]


async def test_remaining_points_fall_with_each_request(processes: Any) -> None:
    key = network()
    await spend(processes[0], key, 10)
    found = [processes[0][1].spend(key, 10) for _ in range(3)]
    assert [charge.remaining for charge in found if charge] == [980, 970, 960]


async def test_an_allowance_ends_without_news_of_redis(
    processes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = network()
    await spend(processes[0], key, 1)
    assert processes[0][1].spend(key, 1)
    age = local_allowances.MAX_AGE_SECONDS + 1
    monkeypatch.setattr("core.limits.local_allowances.monotonic", lambda: monotonic() + age)
    assert processes[0][1].spend(key, 1) is None


async def test_allowances_are_bounded_and_none_is_lost(processes: Any) -> None:
    limits, _ = processes[0]
    allowances = LocalAllowances(limits, max_allowances=3)
    networks = [network() for _ in range(5)]
    for key in networks[:3]:
        await spend((limits, allowances), key, 1)
    assert allowances.spend(networks[0], 7)
    await spend((limits, allowances), networks[3], 1)
    assert allowances.spend(networks[3], 1) is None, "the oldest is still to be settled"
    await allowances.settle()
    await spend((limits, allowances), networks[3], 1)
    assert allowances.spend(networks[3], 1)
    charge = await limits.charge({networks[0]: BUCKET}, 1, RedisAllowance())
    assert charge.remaining == 991
    await allowances.close()

"""Charges of one turn of the event loop reach Redis in one round trip."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError

from core.limits.charge_batches import ChargeBatches
from core.limits.rate_limits import CHARGE_SCRIPT
from tests import servers

SIZES = [1, 10, 0.01]


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    redis = Redis.from_url(servers.new_redis_url())
    yield redis
    await redis.aclose()


@pytest.fixture
def batches(redis: Redis) -> ChargeBatches:
    return ChargeBatches(redis, CHARGE_SCRIPT)


@pytest.fixture
def sent(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the number of commands of each round trip."""
    found: list[int] = []
    execute = Pipeline.execute

    async def record(pipe: Pipeline, *more: Any, **others: Any) -> Any:
        if pipe.connection_pool is redis.connection_pool:  # the shared app has its own
            found.append(len(pipe.command_stack))
        return await execute(pipe, *more, **others)

    monkeypatch.setattr(Pipeline, "execute", record)
    return found


def key() -> str:
    return f"haat:limit:{uuid4().hex}"


async def test_charges_of_one_turn_are_sent_together(
    batches: ChargeBatches, sent: list[int]
) -> None:
    await batches.charge([key()], SIZES)  # it may load the script
    sent.clear()
    shared = key()
    replies = await asyncio.gather(
        *(batches.charge([shared], SIZES) for _ in range(12)), batches.charge([key()], SIZES)
    )
    assert sent == [13]
    allowed = [float(wait) == 0 for wait, *_ in replies]
    assert allowed == [True] * 10 + [False] * 2 + [True], "each reply belongs to its charge"
    assert [round(float(level)) for _, level in replies[:10]] == list(range(1, 11))


async def test_a_restarted_redis_is_given_the_script_again(
    batches: ChargeBatches, redis: Redis
) -> None:
    await batches.charge([key()], SIZES)
    await redis.script_flush()
    again = key()
    replies = await asyncio.gather(*(batches.charge([again], SIZES) for _ in range(3)))
    assert [round(float(level)) for _, level in replies] == [1, 2, 3], "each is charged once"


async def test_one_charge_that_fails_fails_alone(batches: ChargeBatches, redis: Redis) -> None:
    text = key()
    await redis.set(text, "no hash", ex=60)
    bad, good = batches.charge([text], SIZES), batches.charge([key()], SIZES)
    with pytest.raises(ResponseError):
        await bad
    assert float((await good)[0]) == 0


async def test_a_charge_whose_caller_is_gone_is_not_sent(
    batches: ChargeBatches, sent: list[int]
) -> None:
    await batches.charge([key()], SIZES)
    sent.clear()
    gone, stays = batches.charge([key()], SIZES), batches.charge([key()], SIZES)
    gone.cancel()
    await stays
    assert sent == [1]


async def test_a_batch_without_waiting_callers_is_cancelled(
    batches: ChargeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise redis-py would send its charges again after a timeout."""
    ended = asyncio.Event()
    asked = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(Pipeline, "execute", hang)
    charges = [batches.charge([key()], SIZES) for _ in range(2)]
    await asked.wait()
    charges[0].cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not ended.is_set()
    charges[1].cancel()
    async with asyncio.timeout(5):
        await ended.wait()
    await asyncio.sleep(0)
    assert not batches._running

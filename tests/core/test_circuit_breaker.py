"""The circuit breaker: opens after three failures, lets one call try, closes after a success."""

import asyncio
import contextvars
from contextlib import suppress

import pytest

from core.circuit_breaker import CircuitBreaker, CircuitOpen


async def fail(breaker: CircuitBreaker, error: Exception | None = None) -> None:
    with pytest.raises(type(error or OSError())):
        async with breaker:
            raise error or OSError


async def test_breaker_refuses_calls_after_three_failures_in_a_row() -> None:
    breaker = CircuitBreaker("redis", OSError)
    for _ in range(2):
        await fail(breaker)
    async with breaker:
        pass
    for _ in range(3):
        await fail(breaker)
    with pytest.raises(CircuitOpen) as refused:
        async with breaker:
            pytest.fail("the call was made")
    assert 0 < refused.value.seconds <= 5


async def test_breaker_lets_one_call_try_after_the_pause() -> None:
    breaker = CircuitBreaker("redis", OSError, max_failures=1, open_seconds=0)
    answered = asyncio.Event()
    made = 0

    async def ask() -> bool:
        nonlocal made
        try:
            async with breaker:
                made += 1
                await answered.wait()
        except CircuitOpen:
            return False
        return True

    await fail(breaker)
    asking = [asyncio.create_task(ask()) for _ in range(20)]
    await asyncio.sleep(0)
    answered.set()
    assert sum(await asyncio.gather(*asking)) == 1
    assert (made, breaker.open) == (1, False)


async def test_breaker_opens_again_if_the_trial_fails() -> None:
    breaker = CircuitBreaker("redis", OSError, open_seconds=0)
    for _ in range(4):
        await fail(breaker)
    assert breaker.open


async def test_an_error_of_another_type_is_an_answer() -> None:
    breaker = CircuitBreaker("storage", OSError)
    for error in (OSError(), OSError(), KeyError(), OSError(), OSError()):
        await fail(breaker, error)
    assert not breaker.open


async def test_a_cancelled_call_is_neither_a_failure_nor_an_answer() -> None:
    breaker = CircuitBreaker("redis", OSError, max_failures=1, open_seconds=0)
    await fail(breaker)

    async def hang() -> None:
        async with breaker:
            await asyncio.Event().wait()

    trial = asyncio.create_task(hang())
    await asyncio.sleep(0)
    trial.cancel()
    await asyncio.wait([trial])
    assert breaker.open
    async with breaker:
        pass
    assert not breaker.open


async def test_calls_within_the_trial_belong_to_it() -> None:
    breaker = CircuitBreaker("postgresql", OSError, max_failures=1, open_seconds=0)
    await fail(breaker)

    async def nest() -> None:
        async with breaker:
            pass

    async with breaker:
        stranger = asyncio.create_task(nest(), context=contextvars.Context())
        assert isinstance((await asyncio.gather(stranger, return_exceptions=True))[0], CircuitOpen)
        await nest()
        await asyncio.create_task(nest())
    assert not breaker.open


async def test_a_trial_lasts_until_its_outermost_call_ends() -> None:
    breaker = CircuitBreaker("postgresql", OSError, max_failures=1, open_seconds=0)
    await fail(breaker)

    async def ask() -> bool:
        try:
            async with breaker:
                return True
        except CircuitOpen:
            return False

    async with breaker:
        with suppress(asyncio.CancelledError):
            async with breaker:
                raise asyncio.CancelledError  # neither a failure nor an answer
        assert not await asyncio.create_task(ask(), context=contextvars.Context())
    assert not breaker.open


async def test_a_failure_within_the_trial_ends_it() -> None:
    breaker = CircuitBreaker("postgresql", OSError, max_failures=1, open_seconds=0.05)
    await fail(breaker)
    await asyncio.sleep(0.06)
    with pytest.raises(CircuitOpen):
        async with breaker:
            await fail(breaker)
            async with breaker:
                pytest.fail("the call was made")
    assert breaker.open


async def test_a_task_that_outlives_the_trial_is_not_in_the_next_one() -> None:
    breaker = CircuitBreaker("postgresql", OSError, max_failures=1, open_seconds=0)
    proceed = asyncio.Event()

    async def call_later() -> None:
        await proceed.wait()
        async with breaker:
            pass

    await fail(breaker)
    async with breaker:
        outliving = asyncio.create_task(call_later())
    await fail(breaker)

    async def next_trial() -> None:
        async with breaker:
            proceed.set()
            with pytest.raises(CircuitOpen):
                await outliving

    await asyncio.create_task(next_trial(), context=contextvars.Context())

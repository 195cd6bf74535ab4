"""The circuit breaker: opens after three failures, lets one call try, closes after a success."""

import asyncio

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

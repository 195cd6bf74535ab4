"""Four callers at a time per key."""

import asyncio
from collections import Counter
from collections.abc import Hashable

import pytest

from core.limits.keyed_semaphore import MAX_CONCURRENT, KeyedSemaphore


class ConcurrencyProbe:
    """Counts how many callers are inside at once, per key."""

    def __init__(self) -> None:
        self.gates = KeyedSemaphore()
        self.inside: Counter[Hashable] = Counter()
        self.most: Counter[Hashable] = Counter()
        self.done = 0

    async def pass_through(self, key: Hashable | None) -> None:
        async with self.gates.acquire(key):
            self.inside[key] += 1
            self.most[key] = max(self.most[key], self.inside[key])
            await asyncio.sleep(0.001)
            self.inside[key] -= 1
        self.done += 1


async def test_four_callers_are_admitted_at_a_time() -> None:
    probe = ConcurrencyProbe()
    await asyncio.gather(*(probe.pass_through(key) for key in ("a", "b") * 50))
    assert probe.most == {"a": MAX_CONCURRENT, "b": MAX_CONCURRENT} == {"a": 4, "b": 4}
    assert probe.done == 100


async def test_callers_without_a_key_are_not_limited() -> None:
    probe = ConcurrencyProbe()
    await asyncio.gather(*(probe.pass_through(None) for _ in range(50)))
    assert probe.most == {None: 50}


async def test_places_are_released_after_failures_and_cancellations() -> None:
    probe = ConcurrencyProbe()

    async def fail() -> None:
        async with probe.gates.acquire("a"):
            raise ValueError

    failed = await asyncio.gather(*(fail() for _ in range(10)), return_exceptions=True)
    assert all(isinstance(one, ValueError) for one in failed)
    waiting = [asyncio.create_task(probe.pass_through("a")) for _ in range(10)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    probe.inside.clear()
    async with asyncio.timeout(1):
        await asyncio.gather(*(probe.pass_through("a") for _ in range(10)))
    assert probe.most["a"] == MAX_CONCURRENT


async def test_unused_semaphores_are_freed() -> None:
    probe = ConcurrencyProbe()
    await asyncio.gather(*(probe.pass_through(number) for number in range(20)))
    assert len(probe.gates._semaphores) == 0


async def test_a_slow_key_does_not_block_other_keys() -> None:
    gates, slow = KeyedSemaphore(), asyncio.Event()

    async def linger() -> None:
        async with gates.acquire("a"):
            await slow.wait()

    lingering = [asyncio.create_task(linger()) for _ in range(MAX_CONCURRENT)]
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02), gates.acquire("a"):
            pytest.fail("A fifth came through.")
    async with asyncio.timeout(1), gates.acquire("b"):
        slow.set()
    await asyncio.gather(*lingering)

"""Two connections per caller, without a deadlock of nested sessions."""

import asyncio
from collections.abc import AsyncIterator, Hashable

import pytest

from core.errors import TooManyOperations
from core.limits import caller_connections
from core.limits.caller_connections import MAX_CONNECTIONS_PER_CALLER, CallerConnections


class SessionProbe:
    """Counts the sessions that are open at once."""

    def __init__(self) -> None:
        self.callers = CallerConnections()
        self.open = self.most = self.done = 0

    async def use(self, caller: Hashable | None) -> None:
        async with self.callers.hold(caller):
            self.open += 1
            self.most = max(self.most, self.open)
            await asyncio.sleep(0.001)
            self.open -= 1
        self.done += 1


async def test_a_caller_has_two_connections_at_a_time() -> None:
    probe = SessionProbe()
    await asyncio.gather(*(probe.use("a") for _ in range(20)))
    assert (probe.most, probe.done) == (MAX_CONNECTIONS_PER_CALLER, 20) == (2, 20)


async def test_changes_without_a_caller_are_not_limited() -> None:
    probe = SessionProbe()
    await asyncio.gather(*(probe.use(None) for _ in range(20)))
    assert probe.most == 20


async def test_a_caller_does_not_wait_for_another() -> None:
    probe, leave = SessionProbe(), asyncio.Event()

    async def linger() -> None:
        async with probe.callers.hold("a"):
            await leave.wait()

    lingering = [asyncio.create_task(linger()) for _ in range(10)]
    async with asyncio.timeout(1):
        await probe.use("b")
    leave.set()
    await asyncio.gather(*lingering)


async def test_nested_sessions_of_all_places_do_not_wait_for_each_other() -> None:
    probe = SessionProbe()

    async def nest() -> None:
        async with probe.callers.hold("a"):
            await asyncio.sleep(0)  # until the other one has a place, too
            await asyncio.create_task(probe.use("a"))
            async with probe.callers.hold("a"):
                pass

    async with asyncio.timeout(1):
        await asyncio.gather(*(nest() for _ in range(MAX_CONNECTIONS_PER_CALLER)))


async def test_places_are_released_after_failures_and_cancellations() -> None:
    probe = SessionProbe()

    async def fail() -> None:
        async with probe.callers.hold("a"):
            raise ValueError

    assert len(await asyncio.gather(*(fail() for _ in range(9)), return_exceptions=True)) == 9
    tasks = [asyncio.create_task(probe.use("a")) for _ in range(9)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    probe.open = 0
    async with asyncio.timeout(1):
        await asyncio.gather(*(probe.use("a") for _ in range(9)))
    assert probe.most == MAX_CONNECTIONS_PER_CALLER


async def test_waiting_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller_connections, "MAX_WAIT_SECONDS", 0.01)
    probe, leave = SessionProbe(), asyncio.Event()

    async def linger() -> None:
        async with probe.callers.hold("a"):
            await leave.wait()

    lingering = [asyncio.create_task(linger()) for _ in range(MAX_CONNECTIONS_PER_CALLER)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyOperations):
        await probe.use("a")
    leave.set()
    await asyncio.gather(*lingering)
    await probe.use("a")


async def test_a_place_is_released_in_another_context() -> None:
    """As that of an asynchronous generator which another task, or the garbage collector, closes."""
    probe = SessionProbe()

    async def results() -> AsyncIterator[None]:
        async with probe.callers.hold("a"):
            yield

    for _ in range(MAX_CONNECTIONS_PER_CALLER + 1):
        stream = results()
        async with asyncio.timeout(1):
            await asyncio.create_task(anext(stream))  # type: ignore[arg-type]
        await asyncio.create_task(stream.aclose())  # type: ignore[attr-defined]
    await asyncio.gather(*(probe.use("a") for _ in range(20)))
    assert (probe.most, probe.done) == (MAX_CONNECTIONS_PER_CALLER, 20)


async def test_a_task_that_outlives_its_block_needs_a_place() -> None:
    probe, leave = SessionProbe(), asyncio.Event()

    async def use_later() -> None:
        await leave.wait()
        await probe.use("a")

    async with probe.callers.hold("a"):
        outliving = [asyncio.create_task(use_later()) for _ in range(20)]
    leave.set()
    await asyncio.gather(*outliving)
    assert (probe.most, probe.done) == (MAX_CONNECTIONS_PER_CALLER, 20)


async def test_a_block_of_another_caller_does_not_hide_the_place_around_it() -> None:
    probe = SessionProbe()

    async def nest() -> None:
        async with probe.callers.hold("a"):
            await asyncio.sleep(0)  # until all places are taken
            async with probe.callers.hold("b"), probe.callers.hold("a"):
                pass

    async with asyncio.timeout(1):
        await asyncio.gather(*(nest() for _ in range(MAX_CONNECTIONS_PER_CALLER)))

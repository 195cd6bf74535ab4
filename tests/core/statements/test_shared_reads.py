"""Callers that ask together share a statement, and none is harmed by another."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from core.statements.read_connections import ReadConnections
from core.statements.shared_reads import MAX_KEYS, Question, SharedReads

NUMBERS = Question(cast("Any", "a statement"), ("numbers",))


class VersionedReads:
    """A fake database. A number is answered with the version of the data when it is read."""

    def __init__(self) -> None:
        self.sent: list[list[int]] = []
        self.version = 0
        self.blocked = asyncio.Event()
        self.blocked.set()

    async def fetch(self, _: Any, values: Mapping[str, list[int]]) -> list[tuple[int, int]]:
        self.sent.append(values["numbers"])
        version = self.version
        await self.blocked.wait()
        if -1 in values["numbers"]:
            raise ConnectionError
        return [(number, version) for number in values["numbers"]]


@pytest.fixture
async def reads() -> VersionedReads:
    return VersionedReads()


@pytest.fixture
async def shared(reads: VersionedReads) -> SharedReads:
    return SharedReads(cast("ReadConnections", reads))


async def ask(shared: SharedReads, *numbers: int) -> dict[int, int]:
    found: Any = await shared.ask(NUMBERS, [(number,) for number in numbers])
    return {number: version for ((number, version),) in found.values()}


async def test_callers_of_one_turn_share_a_statement(
    reads: VersionedReads, shared: SharedReads
) -> None:
    found = await asyncio.gather(ask(shared, 1, 2), ask(shared, 2, 3), ask(shared))
    assert [*found] == [{1: 0, 2: 0}, {2: 0, 3: 0}, {}]
    assert reads.sent == [[1, 2, 3]]


async def test_an_answer_is_never_older_than_its_question(
    reads: VersionedReads, shared: SharedReads
) -> None:
    """Those that ask while a statement runs share the next, also for the same key."""
    reads.blocked.clear()
    first = asyncio.create_task(ask(shared, 1))
    while not reads.sent:  # noqa: ASYNC110 - there is nothing to wait on
        await asyncio.sleep(0)
    reads.version = 1
    later = [asyncio.create_task(ask(shared, 1)) for _ in range(3)]
    await asyncio.sleep(0)
    reads.blocked.set()
    assert await asyncio.gather(first, *later) == [{1: 0}, {1: 1}, {1: 1}, {1: 1}]
    assert await ask(shared, 1) == {1: 1}
    assert reads.sent == [[1], [1], [1]]


async def test_a_caller_that_is_cancelled_harms_no_other(
    reads: VersionedReads, shared: SharedReads
) -> None:
    """Neither before the statement is sent, nor while it runs."""
    reads.blocked.clear()
    early, running, patient = (asyncio.create_task(ask(shared, n)) for n in range(3))
    await asyncio.sleep(0)
    early.cancel()
    while not reads.sent:  # noqa: ASYNC110 - there is nothing to wait on
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.sleep(0)
    reads.blocked.set()
    found = await asyncio.gather(early, running, patient, return_exceptions=True)
    assert [type(one) for one in found] == [asyncio.CancelledError] * 2 + [dict]
    assert reads.sent == [[1, 2]]


async def test_an_error_reaches_each_caller_of_the_statement_and_no_other(
    reads: VersionedReads, shared: SharedReads
) -> None:
    together = [ask(shared, 1), ask(shared, -1)]
    found = await asyncio.gather(*together, return_exceptions=True)
    assert [type(one) for one in found] == [ConnectionError] * 2
    assert await ask(shared, 1) == {1: 0}


async def test_a_statement_has_at_most_500_keys_of_several_callers(
    reads: VersionedReads, shared: SharedReads
) -> None:
    large = tuple(range(2 * MAX_KEYS))
    await asyncio.gather(*(ask(shared, n) for n in range(MAX_KEYS + 1)), ask(shared, *large))
    assert [len(keys) for keys in reads.sent] == [MAX_KEYS, 1, 2 * MAX_KEYS]


async def test_callers_are_cancelled_with_the_statement(
    shared: SharedReads, reads: VersionedReads
) -> None:
    """As when the server stops: they must not wait for ever."""
    reads.blocked.clear()
    waiting = [asyncio.create_task(ask(shared, 1))]
    while not reads.sent:  # noqa: ASYNC110 - there is nothing to wait on
        await asyncio.sleep(0)
    waiting.append(asyncio.create_task(ask(shared, 2)))
    await asyncio.sleep(0)
    for task in tuple(shared._tasks):
        task.cancel()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in found] == [asyncio.CancelledError] * 2

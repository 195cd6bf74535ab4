"""Reads of many callers at once: what they ask together goes to PostgreSQL in one statement."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.statements.read_connections import ReadConnections
from core.statements.statement import Statement

MAX_KEYS = 500  # of one statement; a caller with more keys has one of its own

Key = tuple[Any, ...]
Answer = Mapping[Key, list[Any]]


@dataclass(frozen=True, eq=False)
class Question:
    """A statement for many keys. A key is a tuple of values, such as a user and a conversation.

    `parameters` names the arrays of the statement, one for each value of a key. The first columns
    of its rows are the key that the row answers. Keys are ids: a value that PostgreSQL refuses
    would fail all callers of a statement.
    """

    statement: Statement[Any]
    parameters: tuple[str, ...]


class WaitingCaller(NamedTuple):
    keys: Collection[Key]
    answer: asyncio.Future[Answer]


class SharedReads:
    """Answers questions of callers that need an answer at the same time.

    When thousands of clients connect at once, each would send some statements of its own. Callers
    that ask in one turn of the event loop share a statement, and those that come while it runs
    share the next. Each question uses one connection at a time, so that a crowd leaves the others
    to queries. Nothing is kept: an answer was read after its caller asked.
    """

    def __init__(self, reads: ReadConnections) -> None:
        self._reads = reads
        self._waiting: dict[Question, list[WaitingCaller]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, question: Question, keys: Collection[Key]) -> asyncio.Future[Answer]:
        """Return the future of the rows for each key that has any. Cancel it to stop waiting.

        It raises `Unavailable` for an outage, as `ReadConnections.fetch` does.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if not keys:
            answer.set_result({})
            return answer
        waiting = self._waiting.get(question)
        if waiting is None:
            waiting = self._waiting[question] = []
            task = asyncio.create_task(self._answer_all(question))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        waiting.append(WaitingCaller(keys, answer))
        return answer

    async def _answer_all(self, question: Question) -> None:
        """Send statements until no caller waits. The first one is sent in the next turn."""
        waiting = self._waiting[question]
        try:
            while waiting:
                batch = _take(waiting)
                try:
                    await self._answer(question, batch)
                finally:
                    for caller in batch:
                        caller.answer.cancel()  # of those without an answer, as this is cancelled
        finally:
            del self._waiting[question]
            for caller in waiting:
                caller.answer.cancel()

    async def _answer(self, question: Question, callers: list[WaitingCaller]) -> None:
        if not callers:
            return
        keys = callers[0].keys
        if len(callers) > 1:
            keys = dict.fromkeys(key for caller in callers for key in caller.keys)
        arrays = map(list, zip(*keys, strict=True))
        values = dict(zip(question.parameters, arrays, strict=True))
        try:
            rows = await self._reads.fetch(question.statement, values)
        except Exception as error:  # noqa: BLE001 - each caller raises it
            for caller in callers:
                if not caller.answer.done():
                    caller.answer.set_exception(error)
            return
        width = len(question.parameters)
        found: defaultdict[Key, list[Any]] = defaultdict(list)
        for row in rows:
            found[tuple(row[:width])].append(row)
        for caller in callers:
            if not caller.answer.done():
                own = found if len(callers) == 1 else caller.keys
                caller.answer.set_result({key: found[key] for key in own if key in found})


def _take(waiting: list[WaitingCaller]) -> list[WaitingCaller]:
    """Remove and return the first callers, with at most `MAX_KEYS` keys if there are several.

    Those who no longer wait are removed, too.
    """
    batch: list[WaitingCaller] = []
    size = taken = 0
    for caller in waiting:
        if not caller.answer.done():
            size += len(caller.keys)
            if batch and size > MAX_KEYS:
                break
            batch.append(caller)
        taken += 1
    del waiting[:taken]
    return batch

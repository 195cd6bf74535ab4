"""Finds, makes and keeps the answers to public queries."""

from collections.abc import Awaitable, Callable, Collection, Hashable
from functools import partial
from typing import Protocol

import orjson
from strawberry.types import ExecutionResult

from core.answers.flights import Flights
from core.answers.kept_answer import KeptAnswer
from core.answers.memory import AnswerMemory, HeldAnswer, hold
from core.answers.shared import SharedAnswers, topic_of
from core.observability import metrics
from core.redis.pubsub import PubSub
from engine.public_answers.operation import PublicQuery
from services.public_changes import TABLES

HIT, SHARED, MADE, JOINED = (
    metrics.PUBLIC_ANSWERS.labels(one) for one in ("hit", "shared", "made", "joined")
)
Execute = Callable[[], Awaitable[ExecutionResult]]
Made = HeldAnswer | ExecutionResult
"""An answer, or a result with errors, which is never kept."""


class SharedContext(Protocol):
    """The context of an execution, which notes what was read."""

    @property
    def tables(self) -> Collection[str]: ...

    @property
    def is_shareable(self) -> bool:
        """Whether the answer is the same for all anonymous callers."""
        ...


class PublicAnswers:
    """Answers in memory, then in Redis; made once for all that wait for one.

    An answer is kept if it has no errors, was asked for twice, and was made without reading the
    viewer. A change of its tables drops it; its time is the bound if a signal is lost. With 0
    seconds, nothing is public.
    """

    def __init__(self, redis_url: str, pubsub: PubSub, seconds: int) -> None:
        self.seconds = float(seconds)
        self._memory = AnswerMemory(TABLES)
        self._shared = SharedAnswers(redis_url, TABLES)
        self._flights: Flights[Made] = Flights()
        self._pubsub = pubsub

    async def start(self) -> None:
        if self.seconds:
            for table in sorted(TABLES):
                note = partial(self._memory.note_change, table)
                await self._pubsub.subscribe(topic_of(table), note)

    async def stop(self) -> None:
        await self._flights.stop()
        await self._shared.close()

    def note_changes(self, tables: Collection[str]) -> None:
        """Drop the answers of all processes that were read from these tables."""
        if self.seconds:
            self._shared.note_changes(tables)

    def find(self, query: PublicQuery) -> HeldAnswer | None:
        """Return an answer that this process keeps."""
        return self._memory.find(query.key)

    async def make(
        self,
        query: PublicQuery,
        points: int,
        caller: Hashable,
        context: SharedContext,
        execute: Execute,
    ) -> Made | None:
        """Return the answer for this price. None if the caller is making too many others.

        `execute` uses the context. It is not called if the answer is found, or being made.
        """
        if (held := self.find(query)) is not None:
            HIT.inc()
            return held
        self._memory.note_request(query.key)
        joined = self._flights.is_running(query.key)
        flight = self._flights.join(
            query.key, caller, lambda: self._make(query, points, context, execute)
        )
        if flight is None:
            return None
        if joined:
            JOINED.inc()
        return await flight

    async def _make(
        self, query: PublicQuery, points: int, context: SharedContext, execute: Execute
    ) -> Made:
        before, versions = self._memory.changes(), None
        if self._memory.is_wanted(query.key):  # Redis is not asked for what is never repeated
            found = await self._shared.find(query.key)
            if found and found.answer:
                SHARED.inc()
                return await self._keep(query, hold(found.answer, before, found.seconds))
            versions = found and found.versions
        result = await execute()
        MADE.inc()
        if result.errors:
            return result
        beginning = orjson.dumps({"data": result.data})[:-1]
        answer = KeptAnswer(beginning, points, frozenset(context.tables), query.seconds)
        held = hold(answer, before, query.seconds)
        is_wanted = context.is_shareable and self._memory.is_wanted(query.key)
        if is_wanted and not answer.is_too_large:
            await self._keep(query, held)
            if versions is not None:
                await self._shared.store(query.key, answer, versions)
        return held

    async def _keep(self, query: PublicQuery, held: HeldAnswer) -> HeldAnswer:
        await held.answer.compress()
        self._memory.keep(query.key, held)
        return held

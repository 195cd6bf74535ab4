"""A topic's newest entries in memory, and the consumers that read them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog

from core.database import Database
from core.errors import CursorExpired
from core.observability import metrics
from core.outages import DATABASE_ERRORS
from services.journal import queries
from services.journal.queries import JournalRecord

MAX_KEPT_ENTRIES = 256  # per topic, for consumers that are a little behind

log = structlog.get_logger(__name__)


class TopicTail:
    """A topic's newest entries and its consumers."""

    __slots__ = (
        "_database",
        "_kept",
        "_reading",
        "_started",
        "consumers",
        "head",
        "signalled",
        "topic",
    )

    def __init__(self, database: Database, topic: str) -> None:
        self.topic = topic
        self.head = 0
        self.signalled = False
        self.consumers: set[JournalConsumer] = set()
        self._database = database
        self._kept: deque[JournalRecord[Any]] | None = None
        self._started = False
        self._reading: asyncio.Task[None] | None = None

    @property
    def kept_entries(self) -> int:
        return len(self._kept or ())

    async def start(self) -> None:
        """Begin at the end of the topic, which is subscribed already.

        A signal before the read is covered by it; one during it causes another.
        """
        self.signalled = False
        self.head = (await queries.heads(self._database, [self.topic]))[self.topic]
        self._started = True
        if self.signalled:
            self.signal()

    def signal(self) -> None:
        """Read new entries soon. A signal during a read causes another."""
        self.signalled = True
        if self._started and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read())

    async def after(self, seq: int) -> Sequence[JournalRecord[Any]]:
        """Return the next entries after `seq`, from memory or at most 500 from the journal.

        Raises `CursorExpired` if the next one was trimmed: nothing is ever skipped.
        """
        if self._kept and self._kept[0].seq <= seq + 1:
            found: Sequence[JournalRecord[Any]] = [one for one in self._kept if one.seq > seq]
        else:
            found = await queries.entries(self._database, self.topic, seq)
        gapless = [
            record for expected, record in enumerate(found, seq + 1) if record.seq == expected
        ]
        if not gapless:
            raise CursorExpired
        return gapless

    async def _read(self) -> None:
        while self.signalled:
            self.signalled = False
            try:
                new = await queries.entries(self._database, self.topic, self.head)
            except DATABASE_ERRORS as error:
                log.warning("feed.read_failed", topic=self.topic, error=str(error))
                self.signalled = True
                return  # the next sweep signals again
            if new:
                self._keep(new)
                self.signalled = self.signalled or len(new) == queries.MAX_BATCH_SIZE
                for consumer in tuple(self.consumers):
                    consumer.wake()
        self._reading = None

    def _keep(self, new: Sequence[JournalRecord[Any]]) -> None:
        metrics.ENTRIES.inc(len(new))
        if self._kept is None:  # most topics never have an entry while they are followed
            self._kept = deque(maxlen=MAX_KEPT_ENTRIES)
        self._kept.extend(new)
        self.head = new[-1].seq


class JournalConsumer:
    """A position in some topics. `on_signal` is called when there may be more entries."""

    __slots__ = ("_on_signal", "_wake", "expired", "position", "tails")

    def __init__(self, on_signal: Callable[[], None] | None = None) -> None:
        self.tails: list[TopicTail] = []
        self.position: dict[str, int] = {}
        self.expired = False
        self._on_signal = on_signal
        self._wake: asyncio.Event | None = None

    def wake(self) -> None:
        if self._wake:
            self._wake.set()
        if self._on_signal:
            self._on_signal()

    async def entries(self, wait_seconds: float = 0) -> AsyncIterator[JournalRecord[Any]]:
        """Yield the entries there, or within `wait_seconds`, in order.

        Raises `CursorExpired` if the next entry was trimmed, or belongs to another history.
        """
        if wait_seconds and not self._is_behind():
            self._wake = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_seconds):
                    await self._wake.wait()
            self._wake = None
        for tail in self.tails:
            while self.position[tail.topic] < tail.head:
                for record in await tail.after(self.position[tail.topic]):
                    self._ensure_current()
                    self.position[tail.topic] = record.seq
                    yield record
        self._ensure_current()

    def _is_behind(self) -> bool:
        return self.expired or any(self.position[tail.topic] < tail.head for tail in self.tails)

    def _ensure_current(self) -> None:
        if self.expired:
            raise CursorExpired

"""The live feed of one process: reads each new entry once, however many follow.

A follower is only a cursor. What wakes it (a signal through Redis, or the sweep)
says no more than "look"; what it sees comes from the journal, in order. So a lost
signal costs time and never a change, and no queue can grow.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.database import Database
from core.errors import CursorExpired
from core.pubsub import PubSub
from services.journal import cursor, queries
from services.journal.queries import JournalRecord

GONE = "The changes after this cursor are gone. Fetch the state anew and follow from there."
KEPT = 256
AT_ONCE = 6  # beginnings that have a connection of the pool
SWEEP_SECONDS = 2.0

log = structlog.get_logger(__name__)


class TopicTail:
    """The newest entries of one topic, and who waits for more."""

    __slots__ = (
        "_database",
        "_kept",
        "_reading",
        "_started",
        "followers",
        "grown",
        "head",
        "topic",
    )

    def __init__(self, database: Database, topic: str) -> None:
        self.topic = topic
        self.head = 0
        self.grown = False
        self.followers: set[JournalConsumer] = set()
        self._database = database
        self._kept: deque[JournalRecord[Any]] | None = None
        self._started = False
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin where the topic ends. Signals are heard already; those of earlier say nothing."""
        self.grown = False
        self.head = (await queries.heads(self._database, [self.topic]))[self.topic]
        self._started = True
        if self.grown:
            self.look()

    def look(self) -> None:
        """The topic may have grown. A signal during a read causes another read."""
        self.grown = True
        if self._started and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read())

    async def after(self, seq: int) -> Sequence[JournalRecord[Any]]:
        """The entries after `seq`: from memory, or from the journal for who fell behind.

        `CursorExpired` when the next one is gone: nothing is ever skipped.
        """
        if self._kept and self._kept[0].seq <= seq + 1:
            found: Sequence[JournalRecord[Any]] = [entry for entry in self._kept if entry.seq > seq]
        else:
            found = await queries.entries(self._database, self.topic, seq)
        whole = [entry for place, entry in enumerate(found, seq + 1) if entry.seq == place]
        if not whole:
            raise CursorExpired(GONE)
        return whole

    async def _read(self) -> None:
        while self.grown:
            self.grown = False
            try:
                new = await queries.entries(self._database, self.topic, self.head)
            except (SQLAlchemyError, OSError) as error:
                log.warning("feed.read_failed", topic=self.topic, error=str(error))
                self.grown = True
                return  # the next sweep looks again
            if new:
                self._keep(new)
                self.grown = self.grown or len(new) == queries.MAX_BATCH_SIZE
                for follower in tuple(self.followers):
                    follower.woken()
        self._reading = None

    def _keep(self, new: Sequence[JournalRecord[Any]]) -> None:
        metrics.ENTRIES.inc(len(new))
        if self._kept is None:
            self._kept = deque(maxlen=KEPT)
        self._kept.extend(new)
        self.head = new[-1].seq


class JournalConsumer:
    """A place in each of some topics. `heard` is called whenever there may be more to take."""

    __slots__ = ("_feed", "_heard", "_wake", "expired", "places", "tails")

    def __init__(self, feed: "Feed", heard: Callable[[], None] | None = None) -> None:
        self.tails: list[TopicTail] = []
        self.places: dict[str, int] = {}
        self.expired = False
        self._feed = feed
        self._heard = heard
        self._wake: asyncio.Event | None = None

    @property
    def cursor(self) -> str:
        """Where to go on from after the last entry taken."""
        return cursor.write(self._feed.epoch, self.places)

    def woken(self) -> None:
        if self._wake:
            self._wake.set()
        if self._heard:
            self._heard()

    async def take(self, patience: float = 0) -> AsyncIterator[JournalRecord[Any]]:
        """The entries there are now, or those that come within `patience` seconds, in order.

        `CursorExpired` when the next entry is gone: nothing is ever skipped.
        """
        if patience and not self._behind():
            self._wake = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._wake.wait()
            self._wake = None
        for tail in self.tails:
            while self.places[tail.topic] < tail.head:
                for entry in await tail.after(self.places[tail.topic]):
                    self._ensure_current()
                    self.places[tail.topic] = entry.seq
                    yield entry
        self._ensure_current()

    def _behind(self) -> bool:
        return self.expired or any(self.places[tail.topic] < tail.head for tail in self.tails)

    def _ensure_current(self) -> None:
        if self.expired:
            raise CursorExpired(GONE)


class Feed:
    """Followers of topics, fed by signals and by a sweep every two seconds."""

    def __init__(self, database: Database, pubsub: PubSub) -> None:
        self.epoch = ""
        # Thousands who come back at once wait here, and not for a connection until it times out.
        self.start_limiter = asyncio.Semaphore(AT_ONCE)
        self._database = database
        self._pubsub = pubsub
        self._tails: dict[str, TopicTail] = {}
        self._of_before: set[TopicTail] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._since: str | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._sweep()
        self._sweeper = asyncio.create_task(self._sweep_forever())

    async def stop(self) -> None:
        if self._sweeper:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper

    async def cursor(self, *topics: str) -> str:
        """The place after everything so far. Read it before the state that it goes with."""
        return cursor.write(self.epoch, await queries.heads(self._database, topics))

    async def positions(self, topics: Sequence[str], after: str | None) -> dict[str, int]:
        """Where a cursor stands in its topics; without one, after everything so far.

        `CursorExpired` when entries after it are gone, or never were.
        """
        heads = await queries.heads(self._database, topics)
        if after is None:
            return heads
        places = cursor.read(after, self.epoch, topics)
        for topic, place in places.items():
            if place < heads[topic]:
                oldest = await queries.oldest(self._database, topic)
                if oldest is None or oldest > place + 1:
                    raise CursorExpired(GONE)
            elif place > heads[topic]:
                raise CursorExpired(GONE)
        return places

    async def open(
        self, topics: Iterable[str], heard: Callable[[], None] | None = None
    ) -> JournalConsumer:
        """Follow topics from where they end now, until `close`."""
        follower = JournalConsumer(self, heard)
        try:
            for topic in topics:
                tail = await self._join(topic, follower)
                follower.tails.append(tail)
                follower.places[topic] = tail.head
        except BaseException:
            await self.close(follower)
            raise
        return follower

    async def close(self, follower: JournalConsumer) -> None:
        """Let go of what nobody else follows."""
        for tail in follower.tails:
            tail.followers.discard(follower)
        for tail in follower.tails:
            await self._leave(tail)

    @asynccontextmanager
    async def follow(self, places: Mapping[str, int]) -> AsyncIterator[JournalConsumer]:
        """Follow topics from these places."""
        follower = await self.open(places)
        follower.places.update(places)
        try:
            yield follower
        finally:
            await self.close(follower)

    async def _join(self, topic: str, follower: JournalConsumer) -> TopicTail:
        """The topic's tail, open for as long as anybody follows it.

        It is subscribed, and only then read where it ends: what comes later is
        signalled. A follower may be cancelled, or the read may fail, at any moment
        of it; then nobody is subscribed.
        """
        async with self._locks.setdefault(topic, asyncio.Lock()):
            tail = self._tails.get(topic)
            if tail is None:
                tail = TopicTail(self._database, topic)
                await self._pubsub.subscribe(topic, tail.look)
                try:
                    async with self.start_limiter:
                        await tail.start()
                except BaseException:
                    await self._pubsub.unsubscribe(topic, tail.look)
                    raise
                self._tails[topic] = tail
                metrics.TOPICS.inc()
            tail.followers.add(follower)
            return tail

    async def _leave(self, tail: TopicTail) -> None:
        async with self._locks.setdefault(tail.topic, asyncio.Lock()):
            if tail.followers:
                return
            if self._tails.get(tail.topic) is tail:
                del self._tails[tail.topic]
            elif tail in self._of_before:
                self._of_before.discard(tail)
            else:
                return
            metrics.TOPICS.dec()
            await self._pubsub.unsubscribe(tail.topic, tail.look)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._sweep()
            except (SQLAlchemyError, OSError) as error:
                log.warning("feed.sweep_failed", error=str(error))

    async def _sweep(self) -> None:
        found = await queries.sweep(self._database, self._since)
        self._since = found.xmin
        if self.epoch and found.epoch != self.epoch:
            self._expire()
        self.epoch = found.epoch
        for tail in tuple(self._tails.values()):
            if tail.grown or found.grown.get(tail.topic, 0) > tail.head:
                tail.look()

    def _expire(self) -> None:
        """What was read of another history is for its followers alone, who are told and leave."""
        self._of_before.update(self._tails.values())
        self._tails.clear()
        for tail in self._of_before:
            for follower in tuple(tail.followers):
                follower.expired = True
                follower.woken()

"""The live feed of one process: reads each new entry once, however many follow.

A follower is only a cursor. What wakes it (a signal through Redis, or the sweep)
says no more than "look"; what it sees comes from the journal, in order. So a lost
signal costs time and never a change, and no queue can grow.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.database import Database
from core.errors import CursorExpired
from core.hub import Hub
from subscriptions import cursor, reading
from subscriptions.reading import Entry

GONE = "The changes after this cursor are gone. Fetch the state anew and follow from there."
KEPT = 256
SWEEP_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Tail:
    """The newest entries of one topic, and who waits for more."""

    def __init__(self, database: Database, topic: str) -> None:
        self.topic = topic
        self.head = 0
        self.followers: set[Follower] = set()
        self._database = database
        self._kept: deque[Entry] = deque(maxlen=KEPT)
        self._started = False
        self._grown = False
        self._reading: asyncio.Task[None] | None = None

    def start(self, head: int) -> None:
        """Begin after `head`, which was read when signals were heard already."""
        self.head, self._started = head, True
        self.look()

    def look(self) -> None:
        """The topic may have grown. A signal during a read causes another read."""
        self._grown = True
        if self._started and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read())

    async def after(self, seq: int) -> Sequence[Entry]:
        """The entries after `seq`: from memory, or from the journal for who fell behind."""
        if self._kept and self._kept[0].seq <= seq + 1:
            return [entry for entry in self._kept if entry.seq > seq]
        return await reading.entries(self._database, self.topic, seq)

    async def _read(self) -> None:
        while self._grown:
            self._grown = False
            try:
                new = await reading.entries(self._database, self.topic, self.head)
            except (SQLAlchemyError, OSError) as error:
                log.warning("feed.read_failed", topic=self.topic, error=str(error))
                return  # the next sweep looks again
            if new:
                self._kept.extend(new)
                self.head = new[-1].seq
                self._grown = self._grown or len(new) == reading.MOST
                for follower in self.followers:
                    follower.wake.set()


class Follower:
    """One subscriber's place in each of its topics."""

    def __init__(self, feed: "Feed", places: Mapping[str, int]) -> None:
        self.wake = asyncio.Event()
        self.tails: list[Tail] = []
        self.expired = False
        self._feed = feed
        self._places = dict(places)

    @property
    def cursor(self) -> str:
        """Where to go on from after the last entry taken."""
        return cursor.write(self._feed.epoch, self._places)

    async def take(self, patience: float) -> AsyncIterator[Entry]:
        """The entries there are now, or those that come within `patience` seconds, in order.

        `CursorExpired` when the next entry is gone: nothing is ever skipped.
        """
        if not any(self._places[tail.topic] < tail.head for tail in self.tails):
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self.wake.wait()
        self.wake.clear()
        for tail in self.tails:
            if self._places[tail.topic] < tail.head:
                found = await tail.after(self._places[tail.topic])
                if not found:
                    raise CursorExpired(GONE)
                for entry in found:
                    if self.expired or entry.seq != self._places[tail.topic] + 1:
                        raise CursorExpired(GONE)
                    self._places[tail.topic] = entry.seq
                    yield entry
        if self.expired:
            raise CursorExpired(GONE)


class Feed:
    """Followers of topics, fed by signals and by a sweep every two seconds."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self.epoch = ""
        self._database = database
        self._hub = hub
        self._tails: dict[str, Tail] = {}
        self._listening: dict[str, AsyncExitStack] = {}
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
        return cursor.write(self.epoch, await reading.heads(self._database, topics))

    async def places(self, topics: Sequence[str], after: str | None) -> dict[str, int]:
        """Where a cursor stands in its topics; without one, after everything so far.

        `CursorExpired` when entries after it are gone, or never were.
        """
        heads = await reading.heads(self._database, topics)
        if after is None:
            return heads
        places = cursor.read(after, self.epoch, topics)
        for topic, place in places.items():
            if place < heads[topic]:
                oldest = await reading.oldest(self._database, topic)
                if oldest is None or oldest > place + 1:
                    raise CursorExpired(GONE)
            elif place > heads[topic]:
                raise CursorExpired(GONE)
        return places

    @asynccontextmanager
    async def follow(self, places: Mapping[str, int]) -> AsyncIterator[Follower]:
        """Follow topics from these places."""
        follower = Follower(self, places)
        async with AsyncExitStack() as stack:
            stack.enter_context(metrics.FOLLOWERS.track_inprogress())
            for topic in places:
                tail = await stack.enter_async_context(self._tail(topic, follower))
                follower.tails.append(tail)
            yield follower

    @asynccontextmanager
    async def _tail(self, topic: str, follower: Follower) -> AsyncIterator[Tail]:
        """The topic's tail, open for as long as anybody follows it."""
        lock = self._locks.setdefault(topic, asyncio.Lock())
        async with lock:
            tail = self._tails.get(topic) or await self._open(topic)
            tail.followers.add(follower)
        try:
            yield tail
        finally:
            async with lock:
                tail.followers.discard(follower)
                if not tail.followers:
                    del self._tails[topic]
                    await self._listening.pop(topic).aclose()

    async def _open(self, topic: str) -> Tail:
        """Subscribe, and only then read where the topic ends: what comes later is signalled.

        A follower may be cancelled, or the read may fail, at any moment of it; then
        nobody is subscribed.
        """
        tail = Tail(self._database, topic)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._hub.listen(topic, tail.look))
            tail.start((await reading.heads(self._database, [topic]))[topic])
            stack.enter_context(metrics.TOPICS.track_inprogress())
            self._tails[topic], self._listening[topic] = tail, stack.pop_all()
        return tail

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._sweep()
            except (SQLAlchemyError, OSError) as error:
                log.warning("feed.sweep_failed", error=str(error))

    async def _sweep(self) -> None:
        found = await reading.sweep(self._database, self._since)
        self._since = found.xmin
        if self.epoch and found.epoch != self.epoch:
            self._expire()
        self.epoch = found.epoch
        for topic, seq in found.grown.items():
            tail = self._tails.get(topic)
            if tail and seq > tail.head:
                tail.look()

    def _expire(self) -> None:
        for tail in self._tails.values():
            for follower in tail.followers:
                follower.expired = True
                follower.wake.set()

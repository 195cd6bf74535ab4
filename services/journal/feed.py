"""The live feed: reads each new journal entry once for all consumers of this process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from weakref import WeakValueDictionary

import structlog

from core.database import Database
from core.errors import CursorExpired
from core.observability import metrics
from core.outages import DATABASE_ERRORS
from core.redis.pubsub import PubSub
from services.journal import queries
from services.journal.consumer import JournalConsumer, TopicTail
from services.journal.cursor import CursorCodec

SWEEP_SECONDS = 2.0  # the longest that a change waits for if its signal was lost

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class FeedStats:
    topics: int
    stale_topics: int
    kept_entries: int


class Feed:
    """The consumers of this process, fed by signals and a sweep every two seconds.

    A consumer is only a position, and entries always come from the journal, in order. So a lost
    signal costs latency and never a change, and no queue can grow.
    """

    def __init__(self, database: Database, pubsub: PubSub, codec: CursorCodec) -> None:
        self.epoch = ""
        self._codec = codec
        self._database = database
        self._pubsub = pubsub
        self._tails: dict[str, TopicTail] = {}
        self._stale_tails: set[TopicTail] = set()
        # One lock per topic: otherwise a consumer could join a tail that its last consumer is
        # just unsubscribing, and never be signalled.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._since: str | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Sweep every two seconds. A server also starts while PostgreSQL is down."""
        await self._try_to_sweep()
        self._sweeper = asyncio.create_task(self._sweep_forever())

    async def stop(self) -> None:
        if self._sweeper:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper

    def stats(self) -> FeedStats:
        return FeedStats(
            topics=len(self._tails),
            stale_topics=len(self._stale_tails),
            kept_entries=sum(tail.kept_entries for tail in self._tails.values()),
        )

    async def cursor(self, *topics: str) -> str:
        """Return the cursor after everything so far. Read it before its state."""
        await self._ensure_epoch()
        return self.encode(await queries.heads(self._database, topics))

    def encode(self, position: Mapping[str, int]) -> str:
        """Return the cursor of a position. The feed has started, or a cursor was read."""
        return self._codec.encode(self.epoch, position)

    async def position(self, topics: Sequence[str], after: str | None) -> dict[str, int]:
        """Return a cursor's position, or without one the position after everything so far.

        Raises `CursorExpired` if later entries were trimmed, or if it is ahead of the journal,
        which was then restored from a backup.
        """
        await self._ensure_epoch()
        heads = await queries.heads(self._database, topics)
        if after is None:
            return heads
        position = self._codec.decode(after, self.epoch, topics)
        for topic, seq in position.items():
            if seq < heads[topic]:
                oldest = await queries.oldest(self._database, topic)
                if oldest is None or oldest > seq + 1:
                    raise CursorExpired
            elif seq > heads[topic]:
                raise CursorExpired
        return position

    async def open(
        self, topics: Iterable[str], on_signal: Callable[[], None] | None = None
    ) -> JournalConsumer:
        """Consume topics from their end, until `close`."""
        consumer = JournalConsumer(on_signal)
        try:
            for topic in topics:
                tail = await self._join(topic, consumer)
                consumer.tails.append(tail)
                consumer.position[topic] = tail.head
        except BaseException:
            await self.close(consumer)
            raise
        return consumer

    async def close(self, consumer: JournalConsumer) -> None:
        """Remove a consumer, and unsubscribe from topics without another."""
        for tail in consumer.tails:
            tail.consumers.discard(consumer)
        for tail in consumer.tails:
            await self._leave(tail)

    @asynccontextmanager
    async def follow(self, position: Mapping[str, int]) -> AsyncIterator[JournalConsumer]:
        """Consume topics from a position, while in the block."""
        consumer = await self.open(position)
        consumer.position.update(position)
        try:
            yield consumer
        finally:
            await self.close(consumer)

    async def _join(self, topic: str, consumer: JournalConsumer) -> TopicTail:
        """Return the topic's tail, opened for its first consumer.

        Subscribe first and read the topic's end second: whatever is committed after the read is
        signalled. If the read fails or is cancelled, the topic is unsubscribed.
        """
        async with self._locks.setdefault(topic, asyncio.Lock()):
            tail = self._tails.get(topic)
            if tail is None:
                tail = TopicTail(self._database, topic)
                await self._pubsub.subscribe(topic, tail.signal)
                try:
                    await tail.start()
                except BaseException:
                    await self._pubsub.unsubscribe(topic, tail.signal)
                    raise
                self._tails[topic] = tail
                metrics.TOPICS.inc()
            tail.consumers.add(consumer)
            return tail

    async def _leave(self, tail: TopicTail) -> None:
        async with self._locks.setdefault(tail.topic, asyncio.Lock()):
            if tail.consumers:
                return
            if self._tails.get(tail.topic) is tail:
                del self._tails[tail.topic]
            elif tail in self._stale_tails:
                self._stale_tails.discard(tail)
            else:
                return
            metrics.TOPICS.dec()
            await self._pubsub.unsubscribe(tail.topic, tail.signal)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self._try_to_sweep()

    async def _try_to_sweep(self) -> None:
        try:
            await self.sweep()
        except DATABASE_ERRORS as error:
            log.warning("feed.sweep_failed", error=str(error) or type(error).__name__)

    async def _ensure_epoch(self) -> None:
        """Find the epoch, if PostgreSQL was down when this process started."""
        if not self.epoch:
            await self.sweep()

    async def sweep(self) -> None:
        """Find topics whose signal was lost or whose read failed, with one query."""
        found = await queries.sweep(self._database, self._since)
        self._since = found.xmin
        if self.epoch and found.epoch != self.epoch:
            self._expire()
        self.epoch = found.epoch
        for tail in tuple(self._tails.values()):
            if tail.signalled or found.grown.get(tail.topic, 0) > tail.head:
                tail.signal()

    def _expire(self) -> None:
        """Expire all consumers: the database has another history than they have read.

        Their tails are kept apart until they leave: a new consumer must not receive old entries.
        """
        self._stale_tails.update(self._tails.values())
        self._tails.clear()
        for tail in self._stale_tails:
            for consumer in tuple(tail.consumers):
                consumer.expired = True
                consumer.wake()

"""Publishes journal entries to a group, and a checkpoint every minute."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Coroutine, Hashable
from functools import partial
from typing import Any

from core.observability import metrics
from engine.live.execution import BuildChange, EncodedResult
from engine.live.sources import JournalSource
from engine.live.subscriber import Position, Subscriber
from engine.live.subscriber_group import Step, SubscriberGroup
from engine.request_loaders import Loaders
from services.journal import cursor
from services.journal.consumer import JournalConsumer
from services.journal.feed import Feed
from services.journal.queries import JournalRecord

# Clients keep the cursor of a checkpoint. Without one, a stream whose topics are busy with other
# kinds would resume from far behind, or from an entry that was trimmed meanwhile.
CHECKPOINT_SECONDS = 60.0
# Results are kept for subscribers that fell behind a little, or reconnect together. A client that
# is seconds late receives a change as it was executed then, so the time is short.
MAX_CACHED_RESULTS, CACHE_SECONDS = 64, 5.0

Execute = Callable[[BuildChange, str | None], Coroutine[Any, Any, EncodedResult]]
Start = Callable[[Coroutine[Any, Any, EncodedResult]], asyncio.Task[EncodedResult]]
Rendering = asyncio.Future[EncodedResult]


class JournalProducer:
    """Reads the feed of this process; the positions are sequence numbers per topic."""

    def __init__(
        self, source: JournalSource[Any], feed: Feed, execute: Execute, start: Start
    ) -> None:
        self._source, self._feed = source, feed
        self._execute, self._start = execute, start
        self._consumer = JournalConsumer()
        self._results: OrderedDict[Hashable, tuple[float, Rendering]] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        self._checkpoint_due = False

    async def open(self, on_signal: Callable[[], None]) -> Position:
        self._consumer = await self._feed.open(self._source.topics, on_signal)
        self._schedule_checkpoint(on_signal)
        return dict(self._consumer.position)

    async def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        await self._feed.close(self._consumer)

    async def steps(self, group: SubscriberGroup) -> AsyncGenerator[Step, None]:
        """Yield a step per entry, in order. Entries that are not included only move the group."""
        # The group is behind its consumer if the database interrupted it in the middle of a step.
        position = group.position
        self._consumer.position.update(position)
        async for record in self._consumer.entries():
            position = {**position, record.topic: record.seq}
            render = partial(self._render, record, position, group)
            included = self._source.includes(record)
            yield Step(position, render if included else None, record.created_at)
        if self._checkpoint_due:
            self._checkpoint_due = False
            yield Step(position, partial(self._render, None, position, group))

    async def replay(
        self, subscriber: Subscriber, position: Position, group: SubscriberGroup
    ) -> bool:
        """Send the entries of one topic between the subscriber's position and its group's."""
        for tail in self._consumer.tails:
            topic = tail.topic
            if position[topic] < group.position[topic]:
                for record in await tail.after(position[topic]):
                    if record.seq > group.position[topic]:
                        break
                    position = {**position, topic: record.seq}
                    if self._source.includes(record):
                        await self._send(subscriber, record, position, group)
                    subscriber.position = position
                return True
            if position[topic] > tail.head:
                tail.signal()  # the cursor is ahead of what this process has read
        return False

    async def _send(
        self,
        subscriber: Subscriber,
        record: JournalRecord[Any],
        position: Position,
        group: SubscriberGroup,
    ) -> None:
        await group.authorize(subscriber)
        result = await asyncio.shield(self._render(record, position, group))
        while not subscriber.send(result):
            await subscriber.writable()
        metrics.MESSAGES.inc()

    def _render(
        self, record: JournalRecord[Any] | None, position: Position, group: SubscriberGroup
    ) -> Rendering:
        """Execute once for all subscribers that reach this position within some seconds.

        A subscriber with other positions in its other topics needs another execution, because its
        cursor is another.
        """
        at = cursor.encode(self._feed.epoch, position)
        key, moment = (at, record and (record.topic, record.seq)), time.monotonic()
        expires, rendering = self._results.get(key, (0.0, None))
        if rendering is None or expires < moment:
            rendering = self._start(self._execute(partial(self._build, record, at), at))
            rendering.add_done_callback(partial(self._forget_failed, key))
            # A group of one shares with no other, and inboxes are thousands of groups of one.
            if group.is_shared:
                self._results[key] = (moment + CACHE_SECONDS, rendering)
                self._results.move_to_end(key)
            self._evict(moment)
        return rendering

    async def _build(self, record: JournalRecord[Any] | None, at: str, loaders: Loaders) -> Any:
        if record is None:
            return self._source.checkpoint(at)
        return await self._source.change(loaders, record, at)

    def _evict(self, moment: float) -> None:
        while self._results:
            expires, _ = next(iter(self._results.values()))
            if len(self._results) <= MAX_CACHED_RESULTS and expires >= moment:
                return
            self._results.popitem(last=False)

    def _forget_failed(self, key: Hashable, rendering: Rendering) -> None:
        if rendering.cancelled() or rendering.exception():
            self._results.pop(key, None)

    def _schedule_checkpoint(self, on_signal: Callable[[], None]) -> None:
        later = asyncio.get_running_loop().call_later
        self._timer = later(CHECKPOINT_SECONDS, self._request_checkpoint, on_signal)

    def _request_checkpoint(self, on_signal: Callable[[], None]) -> None:
        self._schedule_checkpoint(on_signal)
        self._checkpoint_due = True
        on_signal()

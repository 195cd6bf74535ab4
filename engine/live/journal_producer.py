"""Publishes journal entries to a group, and a checkpoint every minute."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Coroutine,
    Hashable,
    Iterable,
    Sequence,
)
from functools import partial
from typing import Any

from core.observability import metrics
from engine.live.execution import BuildChange, EncodedResult
from engine.live.pace import Pace
from engine.live.sources import JournalSource
from engine.live.subscriber import Position, Subscriber
from engine.live.subscriber_group import Step, SubscriberGroup
from engine.request_loaders import Loaders
from services.journal.consumer import JournalConsumer
from services.journal.feed import Feed
from services.journal.queries import JournalRecord

# Clients keep the cursor of a checkpoint. Without one, a stream whose topics are busy with other
# kinds would resume from far behind, or from an entry that was trimmed meanwhile.
CHECKPOINT_SECONDS = 60.0
# Results are kept for subscribers that fell behind a little, or reconnect together. A client that
# is seconds late receives a change as it was executed then, so the time is short.
MAX_CACHED_RESULTS, CACHE_SECONDS = 64, 5.0
# A change can be joined of so many entries.
MAX_JOINED = 256

Execute = Callable[[BuildChange, str | None], Coroutine[Any, Any, EncodedResult]]
Start = Callable[[Coroutine[Any, Any, EncodedResult]], asyncio.Task[EncodedResult]]
Rendering = asyncio.Future[EncodedResult]
Records = Sequence[JournalRecord[Any]]


class JournalProducer:
    """Reads the feed of this process; the positions are sequence numbers per topic."""

    def __init__(
        self, source: JournalSource[Any], feed: Feed, execute: Execute, start: Start
    ) -> None:
        self._source, self._feed = source, feed
        self._execute, self._start = execute, start
        self._consumer = JournalConsumer()
        self._most = MAX_JOINED if source.joins_for else 1
        self._pace: Pace | None = None
        self._results: OrderedDict[Hashable, tuple[float, Rendering]] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        self._checkpoint_due = False

    async def open(self, on_signal: Callable[[], None]) -> Position:
        self._pace = Pace(self._source.joins_for, on_signal)
        self._consumer = await self._feed.open(self._source.topics, self._pace.signal)
        self._schedule_checkpoint(on_signal)
        return dict(self._consumer.position)

    async def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        if self._pace:
            self._pace.stop()
        await self._feed.close(self._consumer)

    async def steps(self, group: SubscriberGroup) -> AsyncGenerator[Step, None]:
        """Yield a step per entry, or for all that are there if the source joins them, in order.

        Entries that are not included only move the group.
        """
        # The group is behind its consumer if the database interrupted it in the middle of a step.
        position = group.position
        self._consumer.position.update(position)
        async for records in _batches(self._consumer.entries(), self._most):
            position = {**position, **{one.topic: one.seq for one in records}}
            included = self._included(records)
            render = partial(self._render, included, position, group) if included else None
            yield Step(position, render, records[0].created_at)
        if self._checkpoint_due:
            self._checkpoint_due = False
            yield Step(position, partial(self._render, (), position, group))

    async def replay(
        self, subscriber: Subscriber, position: Position, group: SubscriberGroup
    ) -> bool:
        """Send the entries of one topic between the subscriber's position and its group's."""
        for tail in self._consumer.tails:
            topic = tail.topic
            if position[topic] < group.position[topic]:
                found = await tail.after(position[topic])
                missed = [one for one in found if one.seq <= group.position[topic]]
                for first in range(0, len(missed), self._most):
                    records = missed[first : first + self._most]
                    position = {**position, topic: records[-1].seq}
                    if included := self._included(records):
                        await self._send(subscriber, included, position, group)
                    subscriber.position = position
                return True
            if position[topic] > tail.head:
                tail.signal()  # the cursor is ahead of what this process has read
        return False

    def _included(self, records: Iterable[JournalRecord[Any]]) -> Records:
        return [one for one in records if self._source.includes(one)]

    async def _send(
        self,
        subscriber: Subscriber,
        records: Records,
        position: Position,
        group: SubscriberGroup,
    ) -> None:
        await group.authorize(subscriber)
        result = await asyncio.shield(self._render(records, position, group))
        while not subscriber.send(result):
            await subscriber.writable()
        metrics.MESSAGES.inc()

    def _render(self, records: Records, position: Position, group: SubscriberGroup) -> Rendering:
        """Execute once for all subscribers that reach this position within some seconds.

        A subscriber with other positions in its other topics needs another execution, because its
        cursor is another. Without records, it is a checkpoint.
        """
        at = self._feed.encode(position)
        key, moment = (at, tuple((one.topic, one.seq) for one in records)), time.monotonic()
        expires, rendering = self._results.get(key, (0.0, None))
        if rendering is None or expires < moment:
            rendering = self._start(self._execute(partial(self._build, records, at), at))
            rendering.add_done_callback(partial(self._forget_failed, key))
            # A group of one shares with no other, and inboxes are thousands of groups of one.
            if group.is_shared:
                self._results[key] = (moment + CACHE_SECONDS, rendering)
                self._results.move_to_end(key)
            self._evict(moment)
        return rendering

    async def _build(self, records: Records, at: str, loaders: Loaders) -> Any:
        if not records:
            return self._source.checkpoint(at)
        changes = [await self._source.change(loaders, one, at) for one in records]
        return changes[0] if len(changes) == 1 else self._source.join(changes)

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


async def _batches(
    records: AsyncIterable[JournalRecord[Any]], most: int
) -> AsyncGenerator[list[JournalRecord[Any]], None]:
    """Yield the records in lists of so many, the last one perhaps shorter."""
    batch: list[JournalRecord[Any]] = []
    async for record in records:
        batch.append(record)
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch

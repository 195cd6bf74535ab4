"""Executes each change once per group, and sends the result to all its subscribers.

A subscriber that resumes from an older cursor, or whose send buffer is full, replays what it missed
on its own and rejoins when it has caught up. docs/architecture/live.md has the invariants, and the
tests that prove them.
"""

import asyncio
from collections import Counter
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Collection,
    Coroutine,
    Hashable,
    Sequence,
)
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

from core.clock import now
from core.observability import metrics
from core.outages import DATABASE_ERRORS
from engine.live.database_retry import DatabaseRetry
from engine.live.execution import ChangeExecutor, EncodedResult, ViewerDependent
from engine.live.live_subscribers import LiveSubscribers
from engine.live.operation_key import OperationKey
from engine.live.sources import SubscriptionSource
from engine.live.subscriber import Position, Subscriber, SubscriberState

# Writing to 5,000 sockets blocks the event loop for tens of milliseconds. Other tasks run after
# every 500.
SENDS_PER_TURN = 500
# Their results are rendered at the same time, which takes a connection of the pool for each. One
# write of eight results takes little more time than one of a single result.
MAX_STEPS_TOGETHER = 8

Result = TypeVar("Result")


class Step(NamedTuple):
    """One move of a group: where it leads, and the result to send, if there is one.

    `render` starts the execution. It is only called if a live subscriber wants the result.
    """

    position: Position
    render: Callable[[], asyncio.Future[EncodedResult]] | None
    created_at: datetime | None = None


class Change(NamedTuple):
    """The position before a step, and its result."""

    before: Position
    result: EncodedResult
    created_at: datetime | None


class Producer(Protocol):
    """Reads what a group publishes: the journal or ephemeral state."""

    async def open(self, on_signal: Callable[[], None]) -> Position:
        """Begin to call `on_signal` on news. Return the position where the group begins."""

    async def close(self) -> None:
        """Release what was opened, even if opening was cancelled."""

    def steps(self, group: "SubscriberGroup") -> AsyncGenerator[Step, None]:
        """Yield the steps after the group's position."""
        ...

    async def replay(
        self, subscriber: Subscriber, position: Position, group: "SubscriberGroup"
    ) -> bool:
        """Send what a subscriber missed and move its position. Return False if there is nothing."""
        ...


class Groups(Protocol):
    """The part of the registry that a group uses."""

    def start(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]: ...

    def drop(self, group: "SubscriberGroup") -> None: ...

    def move(
        self, subscriber: Subscriber, group: "SubscriberGroup", position: Position
    ) -> None: ...


@dataclass(frozen=True)
class GroupStats:
    subscribers: int
    live: int
    catching_up: int
    position: Position


class SubscriberGroup:
    """The subscribers of one source with the same operation, audience and languages."""

    def __init__(
        self,
        groups: Groups,
        executor: ChangeExecutor,
        key: Hashable,
        source: SubscriptionSource,
        operation: OperationKey,
        producer: Producer,
    ) -> None:
        self.key, self.source, self.operation = key, source, operation
        self.subscribers: set[Subscriber] = set()
        self.position: Position = {}
        self._groups, self._executor, self._producer = groups, executor, producer
        self._live = LiveSubscribers()
        self._opening: asyncio.Task[None] | None = None
        self._publishing: asyncio.Task[None] | None = None
        self._signalled = True
        self._moved: asyncio.Event | None = None
        self._leave = self.leave  # one bound method for all subscribers

    @property
    def is_shared(self) -> bool:
        return len(self.subscribers) > 1

    def stats(self) -> GroupStats:
        states = Counter(subscriber.state for subscriber in self.subscribers)
        return GroupStats(
            subscribers=len(self.subscribers),
            live=states[SubscriberState.LIVE],
            catching_up=states[SubscriberState.CATCHING_UP],
            position=self.position,
        )

    def open(self) -> None:
        """Start the producer. Subscribers that join wait for it."""
        metrics.GROUPS.inc()
        self._opening = self._groups.start(self._open())

    def admit(self, subscriber: Subscriber) -> None:
        """Count a subscriber as one of this group, which keeps the group open, before it joins."""
        self.subscribers.add(subscriber)
        subscriber.state, subscriber.on_leave = SubscriberState.JOINING, self._leave
        metrics.SUBSCRIBERS.inc()

    async def join(self, subscriber: Subscriber, position: Position) -> None:
        """Send everything after this position to an admitted subscriber.

        It may leave while the group opens. The last one to leave cancels the opening, which must
        not cancel this: the stream of the subscriber has yet to send how it ended.
        """
        subscriber.position = position
        opening = self._opening
        try:
            if opening:
                await asyncio.wait([opening])
        except asyncio.CancelledError:
            self.leave(subscriber)
            raise
        if subscriber not in self.subscribers:
            return
        try:
            if opening:
                opening.result()
        except Exception as error:  # noqa: BLE001 - the subscriber receives it, formatted
            self._end([subscriber], error)
        else:
            self._place(subscriber, position)

    def leave(self, subscriber: Subscriber) -> None:
        """Remove a subscriber. The group is closed with its last one."""
        if subscriber not in self.subscribers:
            return
        self.subscribers.discard(subscriber)
        self._live.discard(subscriber)
        metrics.SUBSCRIBERS.dec()
        if subscriber.catch_up and subscriber.catch_up is not asyncio.current_task():
            subscriber.catch_up.cancel()
        subscriber.state = SubscriberState.ENDED
        subscriber.on_leave = subscriber.catch_up = None
        if not self.subscribers:
            self._groups.drop(self)
            metrics.GROUPS.dec()
            self._groups.start(self._close())

    def on_signal(self) -> None:
        """Publish the producer's news soon. A signal during a publication causes another one."""
        self._signalled = True
        opened = self._opening is not None and self._opening.done()
        if opened and self._publishing is None and self.subscribers:
            self._publishing = self._groups.start(self._publish_news())

    async def authorize(self, subscriber: Subscriber) -> None:
        """Raise if the subscriber's right was revoked."""
        user_id = subscriber.viewer.user_id
        if user_id and await self._unauthorized([user_id]):
            raise self.source.revocation_error

    def split_per_viewer(self) -> None:
        """Move each subscriber to a group of its own viewer, for whom the result is another.

        All of them move on from where they are. Those whom a publication has not reached yet have
        a position even while they are live.
        """
        for subscriber in list(self.subscribers):
            position = self.position if subscriber.position is None else subscriber.position
            self.leave(subscriber)
            self._groups.move(subscriber, self, position)

    async def _open(self) -> None:
        """Open the producer and publish what is there, so that the first to join finds it."""
        self.position = await self._producer.open(self.on_signal)
        await self._publish_news()

    async def _close(self) -> None:
        if self._opening:
            self._opening.cancel()
            with suppress(Exception, asyncio.CancelledError):
                await self._opening
        await self._producer.close()

    async def _publish_news(self) -> None:
        """Publish until there are no news. Steps that the database interrupted are read again."""
        retry = DatabaseRetry()
        try:
            while self._signalled and self.subscribers:
                self._signalled = False
                try:
                    async with (
                        aclosing(self._producer.steps(self)) as steps,
                        aclosing(_together(steps)) as batches,
                    ):
                        async for batch in batches:
                            await self._publish(batch)
                            retry.reset()
                except DATABASE_ERRORS as error:
                    await retry.wait(error)
                    self._signalled = True
        except ViewerDependent:
            self.split_per_viewer()
        except Exception as error:  # noqa: BLE001 - the subscribers receive it, formatted
            self._end(list(self.subscribers), error)
        finally:
            self._publishing = None

    async def _publish(self, steps: Sequence[Step]) -> None:
        """Render and authorize at the same time. Nothing is sent until both are done."""
        renderings = [step.render() if step.render and self._live else None for step in steps]
        await self._drop_unauthorized([one for one in renderings if one])
        done: list[tuple[Step, EncodedResult | None]] = []
        try:
            for step, rendering in zip(steps, renderings, strict=True):
                result = None
                if rendering and self._live:
                    # Shielded: a cached result may be awaited by others too.
                    result = await asyncio.shield(rendering)
                done.append((step, result))
        except Exception:
            await self._move_on(done)
            raise
        await self._move_on(done)

    async def _move_on(self, done: Sequence[tuple[Step, EncodedResult | None]]) -> None:
        """Move the group past some steps, and send their results."""
        before, changes = self.position, list[Change]()
        for step, result in done:
            if result:
                changes.append(Change(self.position, result, step.created_at))
            self.position = step.position
        if self._moved and done:
            self._moved.set()
            self._moved = None
        if changes:
            await self._fan_out(changes, before)

    async def _fan_out(self, changes: Sequence[Change], before: Position) -> None:
        """Send to the live subscribers. One whose buffer is full falls behind instead.

        Between turns other tasks run: subscribers come and go, or the group splits. So those not
        reached yet hold the position before these changes.
        """
        receivers, sent = list(self._live), 0
        for subscriber in receivers:
            subscriber.position = before
        results, frames = [change.result for change in changes], dict[bytes, bytes]()
        for start in range(0, len(receivers), SENDS_PER_TURN):
            if start:
                await asyncio.sleep(0)
            for subscriber in receivers[start : start + SENDS_PER_TURN]:
                if subscriber not in self._live:
                    continue
                subscriber.position = None
                received = subscriber.send_together(results, frames)
                sent += received
                if received < len(changes) and changes[received].before != self.position:
                    metrics.OVERFLOWS.inc()
                    self._place(subscriber, changes[received].before)
        _measure(changes, sent)

    def _place(self, subscriber: Subscriber, position: Position) -> None:
        """Make a subscriber live if it is where its group is, or else let it catch up."""
        if position == self.position:
            self._go_live(subscriber)
            return
        self._live.discard(subscriber)
        subscriber.state, subscriber.position = SubscriberState.CATCHING_UP, position
        subscriber.catch_up = self._groups.start(self._catch_up(subscriber))

    def _go_live(self, subscriber: Subscriber) -> None:
        subscriber.state, subscriber.position = SubscriberState.LIVE, None
        subscriber.catch_up = None
        self._live.add(subscriber)

    async def _catch_up(self, subscriber: Subscriber) -> None:
        """Replay until the subscriber is where its group is. The group may move on meanwhile."""
        retry = DatabaseRetry()
        try:
            while (position := subscriber.position) is not None and position != self.position:
                try:
                    if not await self._producer.replay(subscriber, position, self):
                        await self._wait_until_moved()
                    retry.reset()
                except DATABASE_ERRORS as error:
                    await retry.wait(error)
        except ViewerDependent:
            self.split_per_viewer()
        except Exception as error:  # noqa: BLE001 - the subscriber receives it, formatted
            self._end([subscriber], error)
        else:
            self._go_live(subscriber)

    async def _wait_until_moved(self) -> None:
        """Wait for the group: the subscriber's cursor has an entry that it is yet to publish."""
        self._moved = self._moved or asyncio.Event()
        await self._moved.wait()

    async def _drop_unauthorized(
        self, renderings: Collection[asyncio.Future[EncodedResult]]
    ) -> None:
        """End unauthorized live subscribers during the renderings.

        One query for all users, and another one for users that became live during the renderings:
        no subscriber receives a result without a check after its change was read.
        """
        checked: set[UUID] = set()
        while renderings and (unchecked := self._live.users.keys() - checked):
            checked |= unchecked
            if unauthorized := set(await self._unauthorized(unchecked)):
                leaving = [one for one in self._live if one.viewer.user_id in unauthorized]
                self._end(leaving, self.source.revocation_error)
            await asyncio.wait(renderings)

    async def _unauthorized(self, users: Collection[UUID]) -> Collection[UUID]:
        return await self.source.unauthorized(self._executor.app.database.shared, users)

    def _end(self, leaving: Sequence[Subscriber], error: Exception) -> None:
        if leaving:
            final_error = self._executor.final_error(self.operation, error)
            for subscriber in leaving:
                self.leave(subscriber)
                subscriber.complete(final_error)


async def _together(steps: AsyncIterable[Step]) -> AsyncGenerator[list[Step], None]:
    """Join changes of the journal that are there already.

    A subscriber receives the results of several in one write, and its rights are checked once.
    """
    batch: list[Step] = []
    async for step in steps:
        if step.created_at is None:
            if batch:
                yield batch
                batch = []
            yield [step]
            continue
        batch.append(step)
        if len(batch) == MAX_STEPS_TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


def _measure(changes: Sequence[Change], sent: int) -> None:
    """Count what was sent of the journal: ephemeral state and checkpoints are no changes of it."""
    written = [one.created_at for one in changes if one.created_at]
    if written:
        metrics.MESSAGES.inc(sent)
    for created_at in written:
        metrics.LAG.observe(max(0.0, (now() - created_at).total_seconds()))

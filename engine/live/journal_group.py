"""Followers who are told the same: one journal read, one execution, one encoding for them all.

A follower that comes with an older cursor, or whose connection is full, falls behind: it
goes on by itself, from what the process has in memory or from the journal, until it is
level with its group again.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.clock import now
from engine.live.execution import ChangeExecutor, EncodedResult, ViewerDependent
from engine.live.operation_key import Operation
from engine.live.sources import SubscriptionSource
from engine.live.subscriber import Subscriber
from engine.live.subscriber_group import SubscriberGroup, pause
from services.journal import cursor, feed
from services.journal.queries import JournalRecord
from services.viewer import Viewer

if TYPE_CHECKING:
    from engine.live.group_registry import GroupRegistry

CHECKPOINT_SECONDS = 60.0
AT_ONCE = 500  # followers written to before anybody else has a turn
KEPT, KEPT_SECONDS = 64, 5.0


class JournalGroup(SubscriberGroup):
    """How far its followers have been told, and what they are told next."""

    def __init__(
        self,
        groups: "GroupRegistry",
        teller: ChangeExecutor,
        key: Hashable,
        source: SubscriptionSource,
        operation: Operation,
        viewer: Viewer | None,
        live: feed.Feed,
    ) -> None:
        self._feed = live
        self._kept: OrderedDict[Hashable, tuple[float, asyncio.Future[EncodedResult]]] = (
            OrderedDict()
        )
        self._ahead: feed.JournalConsumer | None = None
        self._moved: asyncio.Event | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._grown = self._due = False
        super().__init__(groups, teller, key, source, operation, viewer)

    async def _open(self) -> None:
        self._ahead = await self._feed.open(self.source.topics, self._look)
        self.places = dict(self._ahead.places)
        self._timer = self._checkpoint_later()
        if self._grown:
            self._look()

    async def _close(self) -> None:
        if self._timer:
            self._timer.cancel()
        if self._ahead:
            await self._feed.close(self._ahead)

    def _look(self) -> None:
        self._grown = True
        self._schedule()

    def _checkpoint_later(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(CHECKPOINT_SECONDS, self._checkpoint)

    def _checkpoint(self) -> None:
        self._timer = self._checkpoint_later()
        self._due = True
        self._schedule()

    def _schedule(self) -> None:
        if self._ahead and self._telling is None and self.followers:
            self._telling = self._groups.start(self._tell_all(self._ahead))

    async def _tell_all(self, ahead: feed.JournalConsumer) -> None:
        """Tell of what there is. What the database cannot answer now is asked for again."""
        tries = 0
        try:
            while (self._grown or self._due) and self.followers:
                try:
                    self._grown = False
                    async for entry in ahead.take():
                        await self._tell(entry, ahead.cursor)
                        tries = 0
                    if self._due:
                        await self._send_checkpoint(ahead.cursor)
                except (SQLAlchemyError, OSError) as error:
                    tries += 1
                    await pause(tries, error)
                    ahead.places.update(self.places)
                    self._grown = True
        except ViewerDependent:
            self._split_per_viewer()
        except Exception as error:  # noqa: BLE001 - whatever it was, the followers are told
            self._end(list(self.followers), error)
        finally:
            self._telling = None

    async def _tell(self, entry: JournalRecord[Any], at: str) -> None:
        message = None
        if self.source.includes(entry) and self._level:
            made = self._message(at, entry)
            if await self._drop_unauthorized(made):
                message = await asyncio.shield(made)
        before, self.places = self.places, self.places | {entry.topic: entry.seq}
        if self._moved:
            self._moved.set()
            self._moved = None
        if message:
            await self._send(message, before)
            metrics.LAG.observe(max(0.0, (now() - entry.created_at).total_seconds()))

    async def _send_checkpoint(self, at: str) -> None:
        self._due = False
        made = self._message(at, None)
        if await self._drop_unauthorized(made):
            message = await asyncio.shield(made)
            for follower in list(self._level):
                follower.send(message)

    async def _send(self, message: EncodedResult, before: Mapping[str, int]) -> None:
        """The group has moved on; who is yet to be told has not."""
        told, sent = list(self._level), 0
        for follower in told:
            follower.places = before
        for start in range(0, len(told), AT_ONCE):
            if start:
                await asyncio.sleep(0)
            for follower in told[start : start + AT_ONCE]:
                if follower not in self._level:
                    continue
                follower.places = None
                if follower.send(message):
                    sent += 1
                else:
                    metrics.OVERFLOWS.inc()
                    self._attach(follower, dict(before))
        metrics.MESSAGES.inc(sent)

    def _attach(self, follower: Subscriber, places: dict[str, int]) -> None:
        """It falls behind, unless it is level as it stands."""
        if places == self.places:
            follower.places = None
            self._level.add(follower)
            return
        self._level.discard(follower)
        follower.places = places
        follower.catching_up = self._groups.start(self._catch_up(follower, places))

    async def _catch_up(self, follower: Subscriber, places: dict[str, int]) -> None:
        tries = 0
        try:
            while places != self.places:
                try:
                    await self._replay(follower, places)
                    tries = 0
                except (SQLAlchemyError, OSError) as error:
                    tries += 1
                    await pause(tries, error)
        except ViewerDependent:
            self._split_per_viewer()
        except Exception as error:  # noqa: BLE001 - whatever it was, the follower is told
            self._end([follower], error)
        else:
            follower.places = follower.catching_up = None
            self._level.add(follower)

    async def _replay(self, follower: Subscriber, places: dict[str, int]) -> None:
        """The entries of one topic between the follower's place and its group's."""
        for tail in self._ahead.tails if self._ahead else ():
            topic = tail.topic
            if places[topic] < self.places[topic]:
                for entry in await tail.after(places[topic]):
                    if entry.seq > self.places[topic]:
                        return
                    if self.source.includes(entry):
                        await self._tell_one(follower, entry, places | {topic: entry.seq})
                    places[topic] = entry.seq
                return
            if places[topic] > tail.head:
                tail.look()
        self._moved = self._moved or asyncio.Event()
        await self._moved.wait()  # it began with an entry that its group is yet to be told of

    async def _tell_one(
        self, follower: Subscriber, entry: JournalRecord[Any], places: dict[str, int]
    ) -> None:
        await self._ensure_allowed(follower)
        at = cursor.write(self._feed.epoch, places)
        message = await asyncio.shield(self._message(at, entry))
        while not follower.send(message):
            await follower.writable()
        metrics.MESSAGES.inc()

    def _message(self, at: str, entry: JournalRecord[Any] | None) -> asyncio.Future[EncodedResult]:
        """Made once for all who are told this entry at this place within some seconds."""
        which, moment = (at, entry and (entry.topic, entry.seq)), time.monotonic()
        until, made = self._kept.get(which, (0.0, None))
        if made is None or until < moment:
            made = self._groups.start(self._make(at, entry))
            made.add_done_callback(partial(self._forget_failed, which))
            if len(self.followers) > 1:
                self._kept[which] = (moment + KEPT_SECONDS, made)
                self._kept.move_to_end(which)
            while self._kept and (len(self._kept) > KEPT or self._oldest() < moment):
                self._kept.popitem(last=False)
        return made

    async def _make(self, at: str, entry: JournalRecord[Any] | None) -> EncodedResult:
        context = self._teller.context(self.operation, self._viewer)
        if entry is None:
            change = self.source.checkpoint(at)
        else:
            change = await self.source.change(context.loaders, entry, at)
        return await self._teller.tell(self.operation, context, change, at)

    def _oldest(self) -> float:
        return next(iter(self._kept.values()))[0]

    def _forget_failed(self, which: Hashable, made: asyncio.Future[EncodedResult]) -> None:
        if made.cancelled() or made.exception():
            self._kept.pop(which, None)

"""What is true for a while: read once for all in this process, and told when it is another."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError

from core.pubsub import PubSub
from engine.live.execution import ChangeExecutor, EncodedResult, ViewerDependent
from engine.live.operation_key import Operation
from engine.live.sources import Snapshot, SubscriptionSource
from engine.live.subscriber import Subscriber
from engine.live.subscriber_group import SubscriberGroup, pause
from services.viewer import Viewer

if TYPE_CHECKING:
    from engine.live.group_registry import GroupRegistry

LATER_SECONDS = 0.05
Read = Callable[[], Awaitable[Snapshot]]


class WatchedState:
    """How it stands with one topic. Read when the hub says "look", and when it may be over."""

    def __init__(self, topic: str, read: Read) -> None:
        self.topic = topic
        self.value: Hashable = None
        self.listening: list[Callable[[], None]] = []
        self._read = read
        self._grown = False
        self._looking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def look(self) -> None:
        self._grown = True
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    async def refresh(self) -> None:
        """Return when it has been read."""
        self.look()
        while self._looking:
            await asyncio.shield(self._looking)

    def forget(self) -> None:
        if self._timer:
            self._timer.cancel()

    async def _look(self) -> None:
        try:
            while self._grown:
                self._grown = False
                before = self.value
                self.value, holds = await self._read()
                self.forget()
                if holds is not None and self.listening:
                    later = asyncio.get_running_loop().call_later
                    self._timer = later(holds + LATER_SECONDS, self.look)
                if self.value != before:
                    for listening in tuple(self.listening):
                        listening()
        finally:
            self._looking = None


class StateCache:
    """All subjects that are followed in this process."""

    def __init__(self, pubsub: PubSub) -> None:
        self.known: dict[str, WatchedState] = {}
        self._pubsub = pubsub
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(self, topic: str, read: Read, heard: Callable[[], None]) -> WatchedState:
        async with self._locks.setdefault(topic, asyncio.Lock()):
            subject = self.known.get(topic)
            if subject is None:
                subject = WatchedState(topic, read)
                await self._pubsub.subscribe(topic, subject.look)
                self.known[topic] = subject
            subject.listening.append(heard)
        await subject.refresh()
        return subject

    async def close(self, topic: str, heard: Callable[[], None]) -> None:
        async with self._locks.setdefault(topic, asyncio.Lock()):
            subject = self.known.get(topic)
            if subject is None or heard not in subject.listening:
                return
            subject.listening.remove(heard)
            if not subject.listening:
                subject.forget()
                del self.known[topic]
                await self._pubsub.unsubscribe(topic, subject.look)


class StateGroup(SubscriberGroup):
    """Those who are told how the same subjects stand. A slow one is told the newest, later."""

    def __init__(
        self,
        groups: "GroupRegistry",
        teller: ChangeExecutor,
        key: Hashable,
        source: SubscriptionSource,
        operation: Operation,
        viewer: Viewer | None,
        standings: StateCache,
    ) -> None:
        self._standings = standings
        self._subjects: list[WatchedState] = []
        self._told: dict[str, tuple[Hashable, EncodedResult]] = {}
        self._grown = False
        super().__init__(groups, teller, key, source, operation, viewer)

    async def _open(self) -> None:
        for topic in self.source.topics:
            read = partial(self.source.read, self._teller.app.ephemeral, topic)
            self._subjects.append(await self._standings.open(topic, read, self._look))
        self._grown = True
        self._telling = asyncio.current_task()
        await self._tell_all()

    async def _close(self) -> None:
        for topic in self.source.topics:
            await self._standings.close(topic, self._look)

    def _attach(self, follower: Subscriber, places: dict[str, int]) -> None:
        follower.catching_up = self._groups.start(self._catch_up(follower))

    def _look(self) -> None:
        self._grown = True
        if self._telling is None and self._opening.done() and self.followers:
            self._telling = self._groups.start(self._tell_all())

    async def _tell_all(self) -> None:
        """Tell what is another than it was. What the database cannot answer is asked again."""
        tries = 0
        try:
            while self._grown and self.followers:
                try:
                    self._grown = False
                    for subject in self._subjects:
                        await self._tell(subject)
                    tries = 0
                except (SQLAlchemyError, OSError) as error:
                    tries += 1
                    await pause(tries, error)
                    self._grown = True
        except ViewerDependent:
            self._split_per_viewer()
        except Exception as error:  # noqa: BLE001 - whatever it was, the followers are told
            self._end(list(self.followers), error)
        finally:
            self._telling = None

    async def _tell(self, subject: WatchedState) -> None:
        value = subject.value
        told, _ = self._told.get(subject.topic, (self, None))
        if told == value:
            return
        context = self._teller.context(self.operation, self._viewer)
        change: Any = await self.source.change(context.loaders, subject.topic, value)
        message = await self._teller.tell(self.operation, context, change, None)
        await self._drop_unauthorized()
        self._told[subject.topic] = value, message
        for follower in list(self._level):
            if not follower.send(message):
                self._level.discard(follower)
                follower.catching_up = self._groups.start(self._catch_up(follower))

    async def _catch_up(self, follower: Subscriber) -> None:
        """Tell how all of it stands, until nothing of that is of yesterday."""
        sent: dict[str, tuple[Hashable, EncodedResult]] = {}
        tries = 0
        try:
            while news := [(at, one) for at, one in self._told.items() if sent.get(at) != one]:
                topic, standing = news[0]
                if follower.send(standing[1]):
                    sent[topic] = standing
                    continue
                await follower.writable()
                try:
                    await self._ensure_allowed(follower)
                except (SQLAlchemyError, OSError) as error:
                    tries += 1
                    await pause(tries, error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the follower is told
            self._end([follower], error)
        else:
            follower.catching_up = None
            self._level.add(follower)

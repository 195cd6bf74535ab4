"""Watched ephemeral state. Each topic is read once for all groups."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from weakref import WeakValueDictionary

from core.redis.pubsub import PubSub
from engine.live.sources import Snapshot

# Redis expires a member at the full millisecond. Reading a little later finds it gone for sure.
EXPIRY_MARGIN_SECONDS = 0.05
Read = Callable[[], Awaitable[Snapshot]]


class WatchedState:
    """The state of one topic, read on a signal and when it may expire."""

    def __init__(self, topic: str, read: Read) -> None:
        self.topic = topic
        self.value: Hashable = None
        self.listeners: list[Callable[[], None]] = []
        self._read = read
        self._signalled = False
        self._reading: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def signal(self) -> None:
        """Read soon. A signal during a read causes another read."""
        self._signalled = True
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_news())

    async def refresh(self) -> None:
        """Read, and return when the value is current."""
        self.signal()
        while self._reading:
            await asyncio.shield(self._reading)

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    async def _read_news(self) -> None:
        try:
            while self._signalled:
                self._signalled = False
                before = self.value
                self.value, expires_in = await self._read()
                self.stop()
                if expires_in is not None and self.listeners:
                    later = asyncio.get_running_loop().call_later
                    self._timer = later(expires_in + EXPIRY_MARGIN_SECONDS, self.signal)
                if self.value != before:
                    for listener in tuple(self.listeners):
                        listener()
        finally:
            self._reading = None


class StateCache:
    def __init__(self, pubsub: PubSub) -> None:
        self._watched: dict[str, WatchedState] = {}
        self._pubsub = pubsub
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._watched)

    async def open(self, topic: str, read: Read, on_signal: Callable[[], None]) -> WatchedState:
        """Watch a topic until `close`, and call `on_signal` whenever its value differs."""
        async with self._locks.setdefault(topic, asyncio.Lock()):
            watched = self._watched.get(topic)
            if watched is None:
                watched = WatchedState(topic, read)
                await self._pubsub.subscribe(topic, watched.signal)
                self._watched[topic] = watched
            watched.listeners.append(on_signal)
        await watched.refresh()
        return watched

    async def close(self, topic: str, on_signal: Callable[[], None]) -> None:
        async with self._locks.setdefault(topic, asyncio.Lock()):
            watched = self._watched.get(topic)
            if watched is None or on_signal not in watched.listeners:
                return
            watched.listeners.remove(on_signal)
            if not watched.listeners:
                watched.stop()
                del self._watched[topic]
                await self._pubsub.unsubscribe(topic, watched.signal)

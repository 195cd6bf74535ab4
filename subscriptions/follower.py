"""One subscriber, whatever it is reached over."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from services.viewer import Viewer
from subscriptions.telling import Message

if TYPE_CHECKING:
    from subscriptions.gathering import Gathering

AHEAD = 16


class Follower(ABC):
    """Has no place of its own while it keeps up with its group."""

    __slots__ = ("catching_up", "group", "places", "viewer")

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.group: Gathering | None = None
        self.places: Mapping[str, int] | None = None
        self.catching_up: asyncio.Task[None] | None = None

    @abstractmethod
    def send(self, message: Message) -> bool:
        """Write at once; False if that must wait."""

    @abstractmethod
    async def writable(self) -> None:
        """Until it makes sense to send again."""

    @abstractmethod
    def end(self, last_words: Message | None) -> None:
        """Tell why the stream is over. It is in no group any more."""

    def leave(self) -> None:
        """Follow no longer."""
        if self.group:
            self.group.leave(self)


class Stream(Follower):
    """A follower that is iterated, as by server-sent events; at most 16 messages wait in it."""

    __slots__ = ("_ended", "_waiting", "_wake")

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._waiting: deque[Message] = deque()
        self._ended = False
        self._wake = asyncio.Event()

    def send(self, message: Message) -> bool:
        if len(self._waiting) >= AHEAD:
            return False
        self._waiting.append(message)
        self._wake.set()
        return True

    async def writable(self) -> None:
        while len(self._waiting) >= AHEAD:
            self._wake.clear()
            await self._wake.wait()

    def end(self, last_words: Message | None) -> None:
        if last_words:
            self._waiting.append(last_words)
        self._ended = True
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[Message]:
        while True:
            while self._waiting:
                yield self._waiting.popleft()
                self._wake.set()
            if self._ended:
                return
            self._wake.clear()
            await self._wake.wait()

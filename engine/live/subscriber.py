"""One subscriber, whatever it is reached over."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from engine.live.execution import EncodedResult
from services.viewer import Viewer

if TYPE_CHECKING:
    from engine.live.subscriber_group import SubscriberGroup

AHEAD = 16


class Subscriber(ABC):
    """Has no place of its own while it keeps up with its group."""

    __slots__ = ("catching_up", "group", "places", "viewer")

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.group: SubscriberGroup | None = None
        self.places: Mapping[str, int] | None = None
        self.catching_up: asyncio.Task[None] | None = None

    @abstractmethod
    def send(self, message: EncodedResult) -> bool:
        """Write at once; False if that must wait."""

    @abstractmethod
    async def writable(self) -> None:
        """Until it makes sense to send again."""

    @abstractmethod
    def end(self, final_error: EncodedResult | None) -> None:
        """Tell why the stream is over. It is in no group any more."""

    def leave(self) -> None:
        """Follow no longer."""
        if self.group:
            self.group.leave(self)


class QueuedSubscriber(Subscriber):
    """A follower that is iterated, as by server-sent events; at most 16 messages wait in it."""

    __slots__ = ("_ended", "_waiting", "_wake")

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._waiting: deque[EncodedResult] = deque()
        self._ended = False
        self._wake = asyncio.Event()

    def send(self, message: EncodedResult) -> bool:
        if len(self._waiting) >= AHEAD:
            return False
        self._waiting.append(message)
        self._wake.set()
        return True

    async def writable(self) -> None:
        while len(self._waiting) >= AHEAD:
            self._wake.clear()
            await self._wake.wait()

    def end(self, final_error: EncodedResult | None) -> None:
        if final_error:
            self._waiting.append(final_error)
        self._ended = True
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[EncodedResult]:
        while True:
            while self._waiting:
                yield self._waiting.popleft()
                self._wake.set()
            if self._ended:
                return
            self._wake.clear()
            await self._wake.wait()

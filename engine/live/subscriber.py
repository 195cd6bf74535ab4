"""One subscriber of a group, independent of its transport."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from engine.live.execution import EncodedResult
from services.viewer import Viewer

MAX_QUEUED_RESULTS = 16

# Per topic: the sequence number of the last entry, or the state that was published last.
Position = Mapping[str, Any]


class SubscriberState(Enum):
    """docs/architecture/live.md has the diagram of the transitions."""

    JOINING = "joining"  # waits until its group is open
    LIVE = "live"  # receives each result together with its group
    CATCHING_UP = "catching up"  # a task replays what it missed
    ENDED = "ended"  # is in no group


class Subscriber(ABC):
    """Receives the results of one subscription.

    It has a position and a task of its own only while it is not live. Thousands of subscribers
    follow one conversation, so a live one costs its attributes and nothing else.
    """

    __slots__ = ("catch_up", "on_leave", "position", "state", "viewer")

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.state = SubscriberState.JOINING
        # None while it is live: then its group's position is its own.
        self.position: Position | None = None
        self.catch_up: asyncio.Task[None] | None = None
        self.on_leave: Callable[[Subscriber], None] | None = None

    @abstractmethod
    def send(self, result: EncodedResult) -> bool:
        """Send without waiting. Return False if the client has to read first."""

    def send_together(self, results: Sequence[EncodedResult], frames: dict[bytes, bytes]) -> int:
        """Send results without waiting. Return how many were sent before the client has to read.

        `frames` are what other subscribers of the fan-out have encoded for their transport.
        """
        for sent, result in enumerate(results):
            if not self.send(result):
                return sent
        return len(results)

    @abstractmethod
    async def writable(self) -> None:
        """Wait until `send` is worth another attempt."""

    @abstractmethod
    def complete(self, final_error: EncodedResult | None) -> None:
        """End the stream, after an error if there is one. The subscriber is in no group."""

    def leave(self) -> None:
        if self.on_leave:
            self.on_leave(self)


class QueuedSubscriber(Subscriber):
    """A subscriber that is iterated, as server-sent events are. Queues at most 16 results."""

    __slots__ = ("_completed", "_queue", "_wake")

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._queue: deque[EncodedResult] = deque()
        self._completed = False
        self._wake = asyncio.Event()

    def send(self, result: EncodedResult) -> bool:
        if len(self._queue) >= MAX_QUEUED_RESULTS:
            return False
        self._queue.append(result)
        self._wake.set()
        return True

    async def writable(self) -> None:
        while len(self._queue) >= MAX_QUEUED_RESULTS:
            self._wake.clear()
            await self._wake.wait()

    def complete(self, final_error: EncodedResult | None) -> None:
        if final_error:
            self._queue.append(final_error)
        self._completed = True
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[EncodedResult]:
        while True:
            while self._queue:
                yield self._queue.popleft()
                self._wake.set()
            if self._completed:
                return
            self._wake.clear()
            await self._wake.wait()

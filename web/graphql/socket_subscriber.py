"""Subscribers over WebSocket, which write to their connection directly."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson

from engine.live.execution import EncodedResult
from engine.live.subscriber import Subscriber
from services.viewer import Viewer
from web.uvicorn_protocols.frames import text_frame

MAX_BYTES_TOGETHER = 64 * 1024  # as many as a transport buffers
MAX_SHARED_FRAMES = 100  # of a fan-out; the ids of its operations may all differ


class Writable(Protocol):
    """A flag that is set while the send buffer has room."""

    async def wait(self) -> None: ...


class GuardedConnection(Protocol):
    """The connection of web/uvicorn_protocols/websocket.py, below the ASGI layers."""

    @property
    def writable(self) -> Writable: ...

    def is_open(self) -> bool: ...

    def release_slots(self) -> None: ...

    def try_write(self, frames: bytes) -> bool: ...

    def write_or_close(self, frames: bytes) -> None: ...


class SubscribedSocket(Protocol):
    """The part of a socket that its subscribers use."""

    @property
    def viewer(self) -> Viewer: ...

    @property
    def connection(self) -> GuardedConnection: ...

    def forget(self, subscriber: "SocketSubscriber") -> None: ...


class SocketSubscriber(Subscriber):
    """One operation of a socket. Results are written to the connection directly."""

    __slots__ = ("_connection", "_head", "_socket", "id")
    task = None  # Strawberry cancels the task of an operation that ends

    def __init__(self, socket: SubscribedSocket, id: str) -> None:
        super().__init__(socket.viewer)
        self.id = id
        self._socket = socket
        self._connection = socket.connection
        self._head = b'{"id":%b,"type":"next","payload":' % orjson.dumps(id)

    def send(self, result: EncodedResult) -> bool:
        return self._connection.try_write(self._frame(result))

    def send_together(self, results: Sequence[EncodedResult], frames: dict[bytes, bytes]) -> int:
        """Send all or nothing, in one write: it takes most of the time of a fan-out.

        Those whose operations have the same id receive the same bytes. Large results are sent one
        by one, so that little more than one of them is buffered for a client that does not read.
        """
        content = frames.get(self._head)
        if content is None:
            content = b"".join(map(self._frame, results))
            if len(content) > MAX_BYTES_TOGETHER:
                return super().send_together(results, frames)
            if len(frames) < MAX_SHARED_FRAMES:
                frames[self._head] = content
        return len(results) if self._connection.try_write(content) else 0

    def _frame(self, result: EncodedResult) -> bytes:
        return text_frame(self._head, result.payload, b"}")

    async def writable(self) -> None:
        await self._connection.writable.wait()

    def complete(self, final_error: EncodedResult | None) -> None:
        if final_error:
            self._connection.write_or_close(self._frame(final_error))
        self._connection.write_or_close(json_frame({"id": self.id, "type": "complete"}))
        self._socket.forget(self)


def json_frame(message: Mapping[str, Any]) -> bytes:
    return text_frame(orjson.dumps(message))

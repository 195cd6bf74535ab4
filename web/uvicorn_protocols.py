"""uvicorn's HTTP and WebSocket protocols, with a send timeout and lighter sockets.

The only module that overrides internals of uvicorn and websockets, which is why pyproject.toml
pins both exactly. test_sockets.py and test_limits.py of tests/subscriptions fail if an upgrade
changes what is overridden here.
"""

import asyncio
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from core.runtime.reconnect import RESTART, retry_hint

SEND_TIMEOUT_SECONDS = 10.0
STREAM_GRACE_SECONDS = 1.0
EVENT_STREAM = b"text/event-stream"


class SendTimeout(asyncio.Protocol):
    """Disconnects a client that reads nothing for 10 seconds.

    The transport buffers 64 KiB, and senders wait while it is full. Without a timeout they would
    wait forever, because closing the connection waits for the same client.
    """

    transport: asyncio.Transport
    _timeout: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        loop = asyncio.get_running_loop()
        self._timeout = loop.call_later(SEND_TIMEOUT_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._cancel_timeout()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_timeout()
        super().connection_lost(exc)

    def _cancel_timeout(self) -> None:
        if self._timeout:
            self._timeout.cancel()
            self._timeout = None


class LazyEvent:
    """An `asyncio.Event` that allocates its queue of waiters on the first wait.

    Replaces uvicorn's `writable`: most sockets never wait for their client.
    """

    __slots__ = ("_event", "_set")

    def __init__(self) -> None:
        self._set = True
        self._event: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        if self._event:
            self._event.set()
            self._event = None

    def clear(self) -> None:
        self._set = False

    async def wait(self) -> None:
        while not self._set:
            self._event = self._event or asyncio.Event()
            await self._event.wait()


class ReceiveQueue:
    """An `asyncio.Queue` for the single reader of a socket, without the three deques."""

    __slots__ = ("_arrived", "_events")

    def __init__(self) -> None:
        self._events: list[Any] = []
        self._arrived: asyncio.Future[None] | None = None

    def put_nowait(self, event: Any) -> None:
        self._events.append(event)
        if self._arrived and not self._arrived.done():
            self._arrived.set_result(None)

    async def get(self) -> Any:
        while not self._events:
            self._arrived = asyncio.get_running_loop().create_future()
            await self._arrived
        return self._events.pop(0)

    def empty(self) -> bool:
        return not self._events


class WebSocketConnection(SendTimeout, WebSocketsSansIOProtocol):
    """A WebSocket with little memory, because a process holds thousands of them.

    `try_send` bypasses the layers that wrap and await each message, and the objects of the
    handshake are released after it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writable = LazyEvent()  # type: ignore[assignment]
        self.queue = ReceiveQueue()  # type: ignore[assignment]

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.request.headers.clear()
            del self.request, self.response

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"]["connection"] = self

    def try_send(self, *parts: bytes) -> bool:
        """Send a text message unless the send buffer is full. Returns whether it was sent."""
        if not self.writable.is_set():
            return False
        self.send_or_close(*parts)
        return True

    def send_or_close(self, *parts: bytes) -> None:
        """Send a text message even if the buffer is full. Use it for the last of an operation."""
        if self.conn.state is State.OPEN and not self.transport.is_closing():
            self.transport.write(b"".join((_frame_header(sum(map(len, parts))), *parts)))

    def shutdown(self) -> None:
        """Close with 1012 and a random retry delay, so that clients do not all return at once."""
        if not self.handshake_complete or self.close_sent or self.conn.state is not State.OPEN:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": RESTART})
        self.conn.send_close(RESTART, retry_hint())
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()


@lru_cache(maxsize=1000)
def _frame_header(size: int) -> bytes:
    """Return the header of a server's unmasked text frame (RFC 6455, 5.2)."""
    if size < 126:
        return b"\x81" + size.to_bytes(1)
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2)
    return b"\x81\x7f" + size.to_bytes(8)


class HTTPConnection(SendTimeout, HttpToolsProtocol):
    """HTTP, including event streams."""

    def shutdown(self) -> None:
        """Close event streams after one second. They never end; clients resume elsewhere."""
        super().shutdown()
        headers = self.cycle.scope["headers"] if self.cycle else []
        if any(name == b"accept" and EVENT_STREAM in value for name, value in headers):
            asyncio.get_running_loop().call_later(STREAM_GRACE_SECONDS, self.transport.close)

"""Connections as uvicorn serves them, with an end to waiting for their other side."""

import asyncio
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from core.reconnect import RESTART, hint

SEND_SECONDS = 10.0
LAST_SECONDS = 1.0
EVENTS = b"text/event-stream"


class Impatient(asyncio.Protocol):
    """Cuts a client off that does not read, for no word can reach it any more.

    A transport holds 64 KiB, and whoever sends waits while it is full; without
    this for ever, since closing it would wait for the same client.
    """

    transport: asyncio.Transport
    _end: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        loop = asyncio.get_running_loop()
        self._end = loop.call_later(SEND_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._go_on()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._go_on()
        super().connection_lost(exc)

    def _go_on(self) -> None:
        if self._end:
            self._end.cancel()
            self._end = None


class Writable:
    """An `asyncio.Event` that keeps no queue until somebody waits: few ever do."""

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
    """An `asyncio.Queue` for the one who reads a socket, without its three deques."""

    __slots__ = ("_events", "_heard")

    def __init__(self) -> None:
        self._events: list[Any] = []
        self._heard: asyncio.Future[None] | None = None

    def put_nowait(self, event: Any) -> None:
        self._events.append(event)
        if self._heard and not self._heard.done():
            self._heard.set_result(None)

    async def get(self) -> Any:
        while not self._events:
            self._heard = asyncio.get_running_loop().create_future()
            await self._heard
        return self._events.pop(0)

    def empty(self) -> bool:
        return not self._events


class SocketConnection(Impatient, WebSocketsSansIOProtocol):
    """A WebSocket, as light as thousands of them must be.

    `try_send` goes past what would wrap and await each message, and what the handshake
    leaves behind is forgotten after it.
    """

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.writable = Writable()  # type: ignore[assignment]
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
        """Send a text at once; False while the client has yet to take what was sent before."""
        if not self.writable.is_set():
            return False
        self.send_or_close(*parts)
        return True

    def send_or_close(self, *parts: bytes) -> None:
        """Send a text though the client may be slow, for it is the last of its operation."""
        if self.conn.state is State.OPEN and not self.transport.is_closing():
            self.transport.write(b"".join((_head(sum(map(len, parts))), *parts)))

    def shutdown(self) -> None:
        """Close with 1012, and ask each client to wait for another while before it returns."""
        if not self.handshake_complete or self.close_sent or self.conn.state is not State.OPEN:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": RESTART})
        self.conn.send_close(RESTART, hint())
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()


@lru_cache(maxsize=1000)
def _head(size: int) -> bytes:
    """Of a server's text frame, RFC 6455, 5.2."""
    if size < 126:
        return b"\x81" + size.to_bytes(1)
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2)
    return b"\x81\x7f" + size.to_bytes(8)


class Connection(Impatient, HttpToolsProtocol):
    """HTTP, and events over it."""

    def shutdown(self) -> None:
        """A stream of events has no end to wait for; cut, it is resumed on another server."""
        super().shutdown()
        headers = self.cycle.scope["headers"] if self.cycle else []
        if any(name == b"accept" and EVENTS in value for name, value in headers):
            asyncio.get_running_loop().call_later(LAST_SECONDS, self.transport.close)

"""Connections as uvicorn serves them, with an end to waiting for their other side."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

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


class SocketConnection(Impatient, WebSocketsSansIOProtocol):
    """A WebSocket."""


class Connection(Impatient, HttpToolsProtocol):
    """HTTP, and events over it."""

    def shutdown(self) -> None:
        """A stream of events has no end to wait for; cut, it is resumed on another server."""
        super().shutdown()
        headers = self.cycle.scope["headers"] if self.cycle else []
        if any(name == b"accept" and EVENTS in value for name, value in headers):
            asyncio.get_running_loop().call_later(LAST_SECONDS, self.transport.close)

"""HTTP, with limits on what a client sends before the application asks for it."""

import asyncio
from contextlib import suppress
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from core.limits.network_slots import NetworkSlot
from core.observability import metrics
from engine.errors.codes import Fault
from web.error_response import JSON_TYPE, error_body
from web.uvicorn_protocols.connection_limits import (
    CONNECTION_RETRY_SECONDS,
    ConnectionLimits,
    ConnectionRefused,
)
from web.uvicorn_protocols.joined_writes import JoinedWrites
from web.uvicorn_protocols.send_timeout import SendTimeout

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 128  # as of `websockets`, which parses the head of a WebSocket again
MAX_PIPELINED_REQUESTS = 16
HEAD_SECONDS = 10.0
# A body has 20 seconds, and one more for each KiB received. Apache's mod_reqtimeout has 20 and 500.
BODY_SECONDS = 20.0
MIN_BODY_BYTES_PER_SECOND = 1024
# For a client that is still sending when it is refused: it could not read the reason if the
# connection were reset at once (RFC 9112, 9.6).
LINGER_SECONDS = 2.0
STREAM_GRACE_SECONDS = 1.0
EVENT_STREAM = b"text/event-stream"

# The responses of this layer: code, message, and seconds after which a retry may succeed.
REFUSALS: dict[HTTPStatus, tuple[Fault, str, int | None]] = {
    HTTPStatus.BAD_REQUEST: (
        Fault.BAD_USER_INPUT,
        "This is not a valid HTTP request.",
        None,
    ),
    HTTPStatus.REQUEST_TIMEOUT: (
        Fault.REQUEST_TIMEOUT,
        "The request did not arrive in time. Send it again.",
        0,
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        Fault.BAD_USER_INPUT,
        f"URL and headers are limited to {MAX_HEAD_BYTES // 1024} KiB and {MAX_HEADERS} headers.",
        None,
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        Fault.RATE_LIMITED,
        "This network has too many connections. Close some, reuse them, or sign in.",
        CONNECTION_RETRY_SECONDS,
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        Fault.UNAVAILABLE,
        "The server has too many connections. Try again in a few seconds.",
        CONNECTION_RETRY_SECONDS,
    ),
}


class Stage(Enum):
    """The part of a request that the next bytes of the client belong to."""

    NEW_REQUEST = auto()
    HEAD = auto()
    BODY = auto()


class TooManyHeaders(Exception):
    """The head has more than `MAX_HEADERS` fields."""


class TooManyPipelined(Exception):
    """`MAX_PIPELINED_REQUESTS` wait for the response to the one before them."""


class HTTPConnection(SendTimeout, HttpToolsProtocol):
    """HTTP/1.1, including event streams.

    httptools limits nothing: it joins the pieces of a header field, so that an endless one takes
    quadratic time, and uvicorn creates all requests of a packet at once. Here, at most 64 KiB may
    arrive without completing a head or carrying a piece of a body, which covers chunk extensions
    and trailers too. What follows these in the same packet is not counted, up to 64 KiB.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits: ConnectionLimits = self.app_state["connection_limits"]
        self._slot: NetworkSlot | None = None
        self._stage = Stage.NEW_REQUEST
        self._framing_bytes = 0
        self._body_bytes = 0
        self._body_began = 0.0
        self._deadline: asyncio.TimerHandle | None = None
        self._refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type] # a transport of uvloop
        port = self.server[1] if self.server else None
        peer = self.client[0] if self.client else ""
        try:
            self._slot = self._limits.admit(port, peer, len(self.connections))
        except ConnectionRefused as refused:
            self._refused = True
            self._respond(refused.status)
            self.transport.close()
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        if self._slot:
            self._slot.release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        start = 0
        while start < len(data) and not self._refused:
            piece = data[start : start + MAX_HEAD_BYTES - self._framing_bytes]
            start += len(piece)
            self._framing_bytes += len(piece)
            super().data_received(piece)
            if self._framing_bytes >= MAX_HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_size")
        if not self._refused and self._deadline is None:
            self._expect_more()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection to a `WebSocketConnection`, with its slots.

        Sockets beyond the limit are refused here, because a handshake that reaches the application
        costs several times as much, and clients retry without end.
        """
        self._cancel_deadline()
        self._refused = True  # what was sent before the handshake is complete
        try:
            anonymous = self._limits.admit_socket(dict(self.scope))
        except ConnectionRefused as refused:
            self._respond(refused.status)
            self.transport.close()
            return
        super().handle_websocket_upgrade()
        socket: Any = self.transport.get_protocol()
        socket.slots = tuple(slot for slot in (self._slot, anonymous) if slot)
        self._slot = None

    # Callbacks of the parser

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MAX_PIPELINED_REQUESTS:
            raise TooManyPipelined
        super().on_message_begin()
        self._stage = Stage.HEAD

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a field of the head. Trailers are dropped (RFC 9110, 6.5.1)."""
        if self._stage is Stage.HEAD:
            super().on_header(name, value)
            if len(self.headers) > MAX_HEADERS:
                raise TooManyHeaders

    def on_headers_complete(self) -> None:
        self._framing_bytes = 0
        self._stage = Stage.BODY
        self._cancel_deadline()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._framing_bytes = 0
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._stage = Stage.NEW_REQUEST
        self._cancel_deadline()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser does not accept."""
        too_many = len(self.headers or ()) > MAX_HEADERS
        fields = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        self._refuse(fields if too_many else HTTPStatus.BAD_REQUEST, "syntax")

    # Deadlines

    def _expect_more(self) -> None:
        """Set a deadline if the server waits for the client."""
        if self._stage is Stage.BODY:
            self._body_began, self._body_bytes = self.loop.time(), 0
            self._deadline = self.loop.call_later(BODY_SECONDS, self._check_body)
        elif self._stage is Stage.HEAD or self.cycle is None or self.cycle.response_complete:
            self._expect_head()

    def _expect_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._end_head)

    def _end_head(self) -> None:
        self._deadline = None
        if self.flow.read_paused:  # a pipelined request, which waits for the one before it
            self._expect_head()
        elif self._stage is Stage.HEAD:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "head_time")
        else:
            self.transport.close()

    def _check_body(self) -> None:
        """Refuse a body that arrives too slowly, unless the application reads too slowly."""
        if self.flow.read_paused:
            self._body_began, self._body_bytes = self.loop.time(), 0
        seconds = BODY_SECONDS + self._body_bytes / MIN_BODY_BYTES_PER_SECOND
        left = self._body_began + seconds - self.loop.time()
        if left > 0:
            self._deadline = self.loop.call_later(left, self._check_body)
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "body_time")

    def _cancel_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    # Responses and the end

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.transport = JoinedWrites(self.transport)  # type: ignore[assignment] # has what uvicorn calls
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self.abort_later()
        elif self._stage is Stage.BODY and not self.pipeline:
            # The application did not want the rest. It is read and dropped for a moment.
            self._cancel_deadline()
            self._deadline = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.abort_later()

    def _refuse(self, status: HTTPStatus, limit: str) -> None:
        """Close, with an error if the client can assign it to its last request.

        Complete requests are answered first.
        """
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._cancel_deadline()
        metrics.CONNECTIONS_REFUSED.labels(limit).inc()
        cycle = self.cycle
        is_pending = cycle is not None and not cycle.response_complete
        if is_pending and not cycle.more_body:
            cycle.keep_alive = False
        elif self.pipeline or (is_pending and cycle.response_started):
            self.transport.abort()
        else:
            if is_pending:
                cycle.disconnected = True
                cycle.message_event.set()
            self._respond(status)
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _respond(self, status: HTTPStatus) -> None:
        code, message, retry_after = REFUSALS[status]
        body = error_body(message, code, retry_after)
        head = [
            f"HTTP/1.1 {status} {status.phrase}",
            f"Content-Type: {JSON_TYPE}",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "Connection: close",
        ]
        if retry_after is not None:
            head.append(f"Retry-After: {retry_after}")
        self.transport.write("\r\n".join([*head, "", ""]).encode() + body)
        with suppress(OSError):  # the client has closed the connection
            self.transport.write_eof()

    def shutdown(self) -> None:
        """Close event streams after one second. They never end; clients resume elsewhere."""
        super().shutdown()
        headers = self.cycle.scope["headers"] if self.cycle else []
        if any(name == b"accept" and EVENT_STREAM in value for name, value in headers):
            self.loop.call_later(STREAM_GRACE_SECONDS, self.transport.close)

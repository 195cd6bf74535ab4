"""WebSockets that take little memory."""

import asyncio
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.protocol import State

from core.limits.network_slots import NetworkSlot
from core.observability import metrics
from core.runtime.reconnect import RESTART, retry_hint
from web.uvicorn_protocols.frame_allowance import MESSAGE_COST, FrameAllowance
from web.uvicorn_protocols.send_timeout import SendTimeout

# The size of a message is limited, but not the number of its frames, which may be empty.
MAX_FRAMES = 1_000
TRY_AGAIN_LATER = 1013  # graphql-ws reconnects
REPLACED = "Another connection of this network needs the place. Sign in, or connect again later."


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

    def __len__(self) -> int:
        return len(self._events)


class WebSocketConnection(SendTimeout, WebSocketsSansIOProtocol):
    """A WebSocket with little memory, because a process holds thousands of them.

    `try_write` bypasses the layers that wrap and await each message, and the objects of the
    handshake are released after it.
    """

    slots: tuple[NetworkSlot, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writable = LazyEvent()  # type: ignore[assignment] # has what uvicorn calls
        self.queue = ReceiveQueue()  # type: ignore[assignment] # has what uvicorn calls
        self._frame_allowance = FrameAllowance()

    async def send(self, message: Any) -> None:
        await self.writable.wait()
        if self.close_sent:  # by `_fail`, which the application does not know of yet
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.request.headers.clear()
            del self.request, self.response
            for slot in self.slots:
                slot.offer(self.replace)
        elif message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True  # or uvicorn logs an error, and sends a second response

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"]["connection"] = self

    def release_slots(self) -> None:
        """Stop counting the connection against its network, because it is a user's now."""
        for slot in self.slots:
            slot.release()

    def replace(self) -> None:
        """Close in favour of another connection of the network."""
        metrics.REFUSED.labels("network_connections").inc()
        if self.is_open():
            self._end(TRY_AGAIN_LATER, REPLACED)

    def connection_lost(self, exc: Exception | None) -> None:
        self.release_slots()
        super().connection_lost(exc)

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= MAX_FRAMES:
            self._fail(CloseCode.POLICY_VIOLATION, "The message has too many frames.")
        elif self._is_allowed():
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Queue a message.

        Reading pauses until the application has read it, but the bytes that have arrived can hold
        thousands. The allowance limits those, too.
        """
        if not self._is_allowed(MESSAGE_COST):
            return
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self._fail(CloseCode.INVALID_DATA, "A message is not UTF-8.")
        else:
            super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answer, unless the client does not read: its pongs would be buffered without limit."""
        pong = self.conn.data_to_send()
        if self._is_allowed() and self.writable.is_set():
            self.transport.write(b"".join(pong))

    def handle_pong(self, event: Frame) -> None:
        if self._is_allowed():
            super().handle_pong(event)

    def _is_allowed(self, cost: int = 1) -> bool:
        """Count a frame. Closes the socket of a client that sends too many."""
        if self._frame_allowance.take(cost):
            return True
        if not self.close_sent:
            metrics.REFUSED.labels("socket_frames").inc()
        self._fail(CloseCode.POLICY_VIOLATION, "Too many messages at once.")
        return False

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.abort_later()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self.loop.call_later(self.close_timeout, self.abort_later)

    def _fail(self, code: CloseCode, reason: str) -> None:
        if not self.close_sent:
            self.conn.fail(code, reason)
            self.handle_parser_exception()

    def try_write(self, frames: bytes) -> bool:
        """Send frames unless the send buffer is full. Returns whether they were sent."""
        if not self.writable.is_set():
            return False
        self.write_or_close(frames)
        return True

    def write_or_close(self, frames: bytes) -> None:
        """Send frames even if the buffer is full. Use it for the last of an operation."""
        if self.conn.state is State.OPEN and not self.transport.is_closing():
            self.transport.write(frames)

    def shutdown(self) -> None:
        """Close with 1012 and a random retry delay, so that clients do not all return at once."""
        if self.is_open():
            self._end(RESTART, retry_hint())
        else:
            super().shutdown()

    def is_open(self) -> bool:
        return self.handshake_complete and not self.close_sent and self.conn.state is State.OPEN

    def _end(self, code: int, reason: str) -> None:
        """Close without waiting for the client's close frame."""
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True

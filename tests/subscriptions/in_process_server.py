"""A server in the test's own process, for tests of its internal state."""

import asyncio
import base64
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn

from app import create_app
from core.settings import Settings
from engine.context import AppState
from services.journal.feed import Feed
from tests.apps import endpoint_of
from web.graphql.endpoint import Endpoint
from web.uvicorn_protocols.connection_limits import ConnectionLimits
from web.uvicorn_protocols.http import HTTPConnection
from web.uvicorn_protocols.websocket import WebSocketConnection

TEXT = 0x81  # the first byte of a text frame, RFC 6455 section 5.2
LITTLE = 4096  # bytes that the kernel may hold for a connection, each way


class InProcessServer(uvicorn.Server):
    """A server that leaves signal handling to pytest."""

    url = ""
    endpoint: Endpoint
    feed: Feed

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def waiting_to_be_sent(self) -> int:
        """Return the bytes that the transports buffer for clients that do not read them."""
        return sum(
            connection.transport.get_write_buffer_size()
            for connection in self.server_state.connections
        )

    def is_full(self) -> bool:
        """Return whether the send buffer of a client is full."""
        return any(not connection.writable.is_set() for connection in self._sockets())

    def _sockets(self) -> Iterator[WebSocketConnection]:
        for connection in self.server_state.connections:
            if isinstance(connection, WebSocketConnection):
                yield connection

    async def settles(self, subscribers: int, patience: float = 15) -> None:
        """Wait until there are so many subscribers. Without any, nothing may be left of them."""
        async with asyncio.timeout(patience):
            while self.subscribers() != subscribers or not (subscribers or self.is_empty()):  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.02)

    def subscribers(self) -> int:
        return self.endpoint.groups.stats().subscribers

    def is_empty(self) -> bool:
        groups, feed = self.endpoint.groups.stats(), self.feed.stats()
        users = self.endpoint.sessions.stats().users
        topics = self.app.pubsub.stats().topics - 1  # the process itself follows the revocations
        left = (groups.groups, groups.watched_states, users, feed.topics, feed.stale_topics, topics)
        return not any(left)

    @property
    def app(self) -> AppState:
        return self.endpoint.app

    @property
    def limits(self) -> ConnectionLimits:
        limits = self.lifespan.state["connection_limits"]
        assert isinstance(limits, ConnectionLimits)
        return limits


@asynccontextmanager
async def serve_in_process(
    settings: Settings, sent_at_once: int | None = None
) -> AsyncIterator[InProcessServer]:
    """Run a server as `haat serve` does; `sent_at_once` sets the size of its send buffers."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        http=HTTPConnection,
        ws=WebSocketConnection,
        ws_per_message_deflate=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=2,
    )
    server = InProcessServer(config)
    server.endpoint = endpoint_of(app)
    server.feed = server.app.feed
    listening = socket.create_server(("127.0.0.1", 0))
    if sent_at_once:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, sent_at_once)
    server.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)
    yield server
    server.should_exit = True
    await serving


class RawClient:
    """A client that sends a request and then reads nothing, or only on request."""

    def __init__(self, server: InProcessServer) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        self.socket.setblocking(False)
        self._host = server.url.removeprefix("http://")
        self._unread = b""

    async def over_socket(self, token: str, query: str, variables: Any) -> None:
        await self._connect(
            "GET /graphql HTTP/1.1",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Protocol: graphql-transport-ws",
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await asyncio.get_running_loop().sock_recv(self.socket, 1)
        await self._frame(type="connection_init", payload={"authorization": f"Bearer {token}"})
        await self.ask("1", query, variables)

    async def ask(self, id: str, query: str, variables: Any) -> None:
        """Another operation on the socket."""
        payload = {"query": query, "variables": variables}
        await self._frame(type="subscribe", id=id, payload=payload)

    async def over_events(self, token: str, query: str, variables: Any) -> None:
        body = json.dumps({"query": query, "variables": variables})
        await self._connect(
            "POST /graphql HTTP/1.1",
            "Accept: text/event-stream",
            "Content-Type: application/json",
            f"Authorization: Bearer {token}",
            f"Content-Length: {len(body)}",
            body=body,
        )

    async def read_to_the_end(self) -> int:
        """Return the number of bytes sent before the server reset the connection."""
        loop, read = asyncio.get_running_loop(), 0
        with suppress(ConnectionResetError):
            async with asyncio.timeout(5):
                while some := await loop.sock_recv(self.socket, 65536):
                    read += len(some)
        return read

    async def changes(self) -> list[str]:
        """Return the cursors of the changes in the next bytes received."""
        async with asyncio.timeout(20):
            some = await asyncio.get_running_loop().sock_recv(self.socket, 4096)
        assert some, "the server has broken the connection off"
        self._unread += some
        cursors = []
        while frame := self._frame_read():
            opcode, content = frame
            if opcode != TEXT:  # a ping, if the machine is slow
                continue
            message = json.loads(content)
            if message["type"] == "next":
                (change,) = message["payload"]["data"].values()
                cursors.append(change["cursor"])
        return cursors

    def _frame_read(self) -> tuple[int, bytes] | None:
        """Return the first whole frame, which has no mask and fewer than 65,536 bytes."""
        head, size = 2, self._unread[1] if len(self._unread) > 1 else 0
        if size == 126:
            head, size = 4, int.from_bytes(self._unread[2:4])
        if len(self._unread) < max(2, head + size):
            return None
        opcode, content = self._unread[0], self._unread[head : head + size]
        self._unread = self._unread[head + size :]
        return opcode, content

    def vanish(self) -> None:
        """Without a word, as a process that is killed or a cable that is pulled."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    async def _connect(self, *lines: str, body: str = "") -> None:
        host, port = self._host.split(":")
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, (host, int(port)))
        head = "\r\n".join([*lines, f"Host: {self._host}", "", ""])
        await loop.sock_sendall(self.socket, (head + body).encode())

    async def _frame(self, **message: Any) -> None:
        """Send a text frame with a mask of zeros."""
        text = json.dumps(message).encode()
        head = struct.pack("!BBH", 0x81, 0x80 | 126, len(text)) + bytes(4)
        await asyncio.get_running_loop().sock_sendall(self.socket, head + text)

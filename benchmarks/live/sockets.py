"""Thousands of subscribers in one process, as raw sockets.

The client decodes only those frames that differ from the previous one.
"""

import asyncio
import base64
import os
import select
import socket
from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter

import orjson

MAX_CONCURRENT_CONNECTS = 50
MAX_READ_BYTES = 65536
POLL_SECONDS = 0.001
TEXT, PING, PONG = 0x81, 0x89, 0x8A  # first byte of a frame: FIN and opcode (RFC 6455 section 5.2)


class SubscriberPool:
    """Counts deliveries, and records when the last expected one arrived."""

    def __init__(self, port: int, query: str, variables: dict[str, str]) -> None:
        self.port = port
        self.subscribe_frame = client_frame(
            orjson.dumps(
                {
                    "type": "subscribe",
                    "id": "1",
                    "payload": {"query": query, "variables": variables},
                }
            )
        )
        self.sockets: dict[int, SubscriberSocket] = {}  # by file descriptor
        self.delivered = 0
        self.lost = 0
        self.sample = b""
        self._expected = 0
        self._all_delivered: asyncio.Future[float] | None = None
        self._epoll = select.epoll()
        self._poll()

    async def connect(self, tokens: Sequence[str]) -> None:
        limiter = asyncio.Semaphore(MAX_CONCURRENT_CONNECTS)

        async def connect_one(token: str) -> None:
            async with limiter:
                subscriber = await SubscriberSocket.connect(self.port, token, self.subscribe_frame)
            self.sockets[subscriber.socket.fileno()] = subscriber
            self._epoll.register(subscriber.socket.fileno(), select.EPOLLIN)

        await asyncio.gather(*(connect_one(token) for token in tokens))

    def expect(self, deliveries: int) -> asyncio.Future[float]:
        """Return a future of when this many more arrived."""
        self._expected = self.delivered + deliveries
        self._all_delivered = asyncio.get_running_loop().create_future()
        return self._all_delivered

    def close(self) -> None:
        self._epoll.close()
        for subscriber in self.sockets.values():
            subscriber.socket.close()

    def _poll(self) -> None:
        """Poll every millisecond.

        If each message woke a sleeping process instead, the sending server would pay for it.
        """
        if not self._epoll.closed:
            self._read_all()
            asyncio.get_running_loop().call_later(POLL_SECONDS, self._poll)

    def _read_all(self) -> None:
        for descriptor, _ in self._epoll.poll(0, len(self.sockets) or 1):
            data = _read(descriptor)
            if data == self.sample:  # most subscribers receive the same bytes as the previous one
                self.delivered += 1
            elif data:
                self._decode(self.sockets[descriptor], data)
            else:
                self.lost += 1
                self._epoll.unregister(descriptor)
        if self._all_delivered and self.delivered >= self._expected:
            self._all_delivered.set_result(perf_counter())
            self._all_delivered = None

    def _decode(self, subscriber: "SubscriberSocket", data: bytes) -> None:
        for frame in subscriber.frames(data):
            if frame[0] == TEXT:
                self.delivered += 1
                self.sample = frame
            elif frame[0] == PING:
                subscriber.socket.send(client_frame(frame[2:], PONG))


class SubscriberSocket:
    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._partial = b""

    @classmethod
    async def connect(cls, port: int, token: str, subscribe_frame: bytes) -> "SubscriberSocket":
        loop = asyncio.get_running_loop()
        subscriber = cls(socket.socket())
        subscriber.socket.setblocking(False)
        await loop.sock_connect(subscriber.socket, ("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        init = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
        await loop.sock_sendall(
            subscriber.socket,
            (
                "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: {key}\r\n\r\n"
            ).encode(),
        )
        await subscriber._receive_until(b"\r\n\r\n")
        await loop.sock_sendall(subscriber.socket, client_frame(orjson.dumps(init)))
        await subscriber._receive_until(b"connection_ack")
        await loop.sock_sendall(subscriber.socket, subscribe_frame)
        return subscriber

    async def _receive_until(self, expected: bytes) -> None:
        received = b""
        while expected not in received:
            more = await asyncio.get_running_loop().sock_recv(self.socket, MAX_READ_BYTES)
            if not more:
                raise ConnectionResetError(received)
            received += more

    def frames(self, data: bytes) -> list[bytes]:
        """Return complete frames, and keep the rest."""
        data = self._partial + data
        found, start = [], 0
        while (end := end_of_frame(data, start)) is not None:
            found.append(data[start:end])
            start = end
        self._partial = data[start:]
        return found


def _read(descriptor: int) -> bytes:
    """Return nothing if the connection is closed."""
    with suppress(ConnectionResetError):
        return os.read(descriptor, MAX_READ_BYTES)
    return b""


def end_of_frame(data: bytes, start: int) -> int | None:
    """Return the end of a frame under 65,536 bytes, or None if incomplete."""
    if len(data) < start + 4:
        return start + 2 if len(data) == start + 2 and data[start + 1] == 0 else None
    size, head = data[start + 1], 2
    if size == 126:
        size, head = int.from_bytes(data[start + 2 : start + 4]), 4
    end = start + head + size
    return end if len(data) >= end else None


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return a client frame with a mask of zeros. RFC 6455 section 5.3 requires a mask."""
    size = len(payload)
    if size < 126:
        return bytes([opcode, 0x80 | size, 0, 0, 0, 0]) + payload
    return bytes([opcode, 0x80 | 126]) + size.to_bytes(2) + bytes(4) + payload

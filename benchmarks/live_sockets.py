"""Thousands of followers in one process: WebSockets with nothing in their way.

They count frames, and look into the first of each change.
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

AT_ONCE = 50
MOST_BYTES = 65536
LOOK_SECONDS = 0.001
QUERY = """subscription ($id: ID!) {
  conversationChanges(conversationId: $id) {
    __typename
    ... on MessageSent { cursor message { id sequence text sender { id } } }
  }
}"""


class Crowd:
    """All followers, and when the last of them had each change."""

    def __init__(self, port: int, conversation_id: str) -> None:
        self.port = port
        self.subscription = masked(
            orjson.dumps(
                {
                    "type": "subscribe",
                    "id": "1",
                    "payload": {"query": QUERY, "variables": {"id": conversation_id}},
                }
            )
        )
        self.members: dict[int, Member] = {}
        self.delivered = 0
        self.lost = 0
        self.sample = b""
        self._wanted = 0
        self._all: asyncio.Future[float] | None = None
        self._arriving = select.epoll()
        self._look()

    async def connect(self, tokens: Sequence[str]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(token: str) -> None:
            async with gate:
                member = await Member.connected(self.port, token, self.subscription)
            self.members[member.socket.fileno()] = member
            self._arriving.register(member.socket.fileno(), select.EPOLLIN)

        await asyncio.gather(*(one(token) for token in tokens))

    def expect(self, deliveries: int) -> asyncio.Future[float]:
        """The moment at which so many more have arrived, at all members together."""
        self._wanted = self.delivered + deliveries
        self._all = asyncio.get_running_loop().create_future()
        return self._all

    def close(self) -> None:
        self._arriving.close()
        for member in self.members.values():
            member.socket.close()

    def _look(self) -> None:
        """Each millisecond. Were each message to wake a sleeping process, its sender would pay."""
        if not self._arriving.closed:
            self._take()
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _take(self) -> None:
        for number, _ in self._arriving.poll(0, len(self.members) or 1):
            data = _read(number)
            if data == self.sample:  # what most are told is what the one before was told
                self.delivered += 1
            elif data:
                self._hear(self.members[number], data)
            else:
                self.lost += 1
                self._arriving.unregister(number)
        if self._all and self.delivered >= self._wanted:
            self._all.set_result(perf_counter())
            self._all = None

    def _hear(self, member: "Member", data: bytes) -> None:
        for frame in member.frames(data):
            if frame[0] == TEXT:
                self.delivered += 1
                self.sample = frame
            elif frame[0] == PING:
                member.socket.send(masked(frame[2:], PONG))


class Member:
    """One socket: the handshake, the subscription, and then only frames."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._left = b""

    @classmethod
    async def connected(cls, port: int, token: str, subscription: bytes) -> "Member":
        loop = asyncio.get_running_loop()
        member = cls(socket.socket())
        member.socket.setblocking(False)
        await loop.sock_connect(member.socket, ("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        hello = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
        await loop.sock_sendall(
            member.socket,
            (
                "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: {key}\r\n\r\n"
            ).encode(),
        )
        await member._until(b"\r\n\r\n")
        await loop.sock_sendall(member.socket, masked(orjson.dumps(hello)))
        await member._until(b"connection_ack")
        await loop.sock_sendall(member.socket, subscription)
        return member

    async def _until(self, said: bytes) -> None:
        heard = b""
        while said not in heard:
            more = await asyncio.get_running_loop().sock_recv(self.socket, MOST_BYTES)
            if not more:
                raise ConnectionResetError(heard)
            heard += more

    def frames(self, data: bytes) -> list[bytes]:
        data = self._left + data
        found, start = [], 0
        while (end := end_of_frame(data, start)) is not None:
            found.append(data[start:end])
            start = end
        self._left = data[start:]
        return found


TEXT, PING, PONG = 0x81, 0x89, 0x8A


def _read(number: int) -> bytes:
    """What has come; nothing if the connection is gone."""
    with suppress(ConnectionResetError):
        return os.read(number, MOST_BYTES)
    return b""


def end_of_frame(data: bytes, start: int) -> int | None:
    """Where a server's frame of fewer than 65,536 bytes ends, if it is whole."""
    if len(data) < start + 4:
        return start + 2 if len(data) == start + 2 and data[start + 1] == 0 else None
    size, head = data[start + 1], 2
    if size == 126:
        size, head = int.from_bytes(data[start + 2 : start + 4]), 4
    end = start + head + size
    return end if len(data) >= end else None


def masked(payload: bytes, opcode: int = TEXT) -> bytes:
    """A client's frame, under a mask of zeros."""
    size = len(payload)
    if size < 126:
        return bytes([opcode, 0x80 | size, 0, 0, 0, 0]) + payload
    return bytes([opcode, 0x80 | 126]) + size.to_bytes(2) + bytes(4) + payload

"""Thousands of followers in one process: WebSockets with nothing in their way.

They count frames, and look into the first of each socket and of each change.
"""

import asyncio
import base64
import os
from collections.abc import Sequence
from time import perf_counter
from typing import cast

import orjson

AT_ONCE = 50
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
        self.members: list[Member] = []
        self.delivered = 0
        self.lost = 0
        self.sample = b""
        self._wanted = 0
        self._all: asyncio.Future[float] | None = None

    async def connect(self, tokens: Sequence[str]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(token: str) -> None:
            async with gate:
                member = Member(self, token)
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: member, "127.0.0.1", self.port)
                await member.subscribed
                self.members.append(member)

        await asyncio.gather(*(one(token) for token in tokens))

    def expect(self, deliveries: int) -> asyncio.Future[float]:
        """The moment at which so many more have arrived, at all members together."""
        self._wanted = self.delivered + deliveries
        self._all = asyncio.get_running_loop().create_future()
        return self._all

    def heard(self, frames: int) -> None:
        self.delivered += frames
        if self._all and self.delivered >= self._wanted:
            self._all.set_result(perf_counter())
            self._all = None

    def close(self) -> None:
        for member in self.members:
            member.transport.abort()


class Member(asyncio.Protocol):
    """One socket: the handshake, the subscription, and then only the ends of frames."""

    def __init__(self, crowd: Crowd, token: str) -> None:
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._crowd = crowd
        self._token = token
        self._left = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's has no such base
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            (
                "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: {key}\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        data = self._left + data if self._left else data
        if not self._open:
            head, found, data = data.partition(b"\r\n\r\n")
            self._left = data if found else head
            if found:
                self._open = True
                payload = {"authorization": f"Bearer {self._token}"}
                hello = {"type": "connection_init", "payload": payload}
                self.transport.write(masked(orjson.dumps(hello)))
            return
        start, frames = 0, 0
        while (end := end_of_frame(data, start)) is not None:
            if data[start] == TEXT:
                frames += self._hear(data[start:end])
            elif data[start] == PING:
                self.transport.write(masked(data[start + 2 : end], PONG))
            start = end
        self._left = data[start:]
        if frames:
            self._crowd.heard(frames)

    def _hear(self, frame: bytes) -> int:
        if self.subscribed.done():
            self._crowd.sample = frame
            return 1
        if b"connection_ack" in frame:
            self.transport.write(self._crowd.subscription)
            self.subscribed.set_result(None)
        return 0

    def connection_lost(self, error: Exception | None) -> None:
        self._crowd.lost += 1


TEXT, PING, PONG = 0x81, 0x89, 0x8A


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

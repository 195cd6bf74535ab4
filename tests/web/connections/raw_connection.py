"""A client that sends bytes, not requests."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

PATIENCE_SECONDS = 20


@dataclass
class RawConnection:
    """An open connection to a server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator[Self]:
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            yield cls(reader, writer)
        finally:
            writer.transport.abort()

    async def send(self, *pieces: bytes) -> None:
        """Send the pieces one after another, until the server closes the connection."""
        with suppress(ConnectionError):
            for piece in pieces:
                self.writer.write(piece)
                await self.writer.drain()

    async def received(self) -> bytes:
        """Return everything that the server sends until it closes the connection."""
        read = bytearray()
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionError):
                while piece := await self.reader.read(65536):
                    read += piece
        return bytes(read)

    async def status(self) -> int:
        """Return the status of the last response before the end, 0 without one."""
        heads = (await self.received()).split(b"HTTP/1.1 ")[1:]
        return int(heads[-1][:3]) if heads else 0


def head(line: str, *fields: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *fields, "", ""]).encode()


def handshake(*fields: str) -> bytes:
    """Return the head that opens a WebSocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    protocol = (f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Protocol: graphql-transport-ws")
    return head("GET /graphql", *upgrade, *protocol, *fields)


def padded(first: bytes, size: int) -> bytes:
    """Return the head with a field that makes it `size` bytes long."""
    space = size - len(first) - len(b"X-Padding: \r\n")
    return first[:-2] + b"X-Padding: " + b"x" * space + b"\r\n\r\n"


def in_pieces(content: bytes, size: int) -> Sequence[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]

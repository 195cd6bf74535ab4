"""A light WebSocket client, so that one test can have many."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE = 20.0

SocketMessage = dict[str, Any]


@dataclass
class WebSocketClient:
    """One socket, after its handshake. `languages` are those of `acceptLanguage`."""

    socket: ClientConnection

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str, token: str, languages: str = "") -> AsyncIterator[Self]:
        address = url.replace("http", "ws") + "/graphql"
        async with connect(
            address, subprotocols=[Subprotocol("graphql-transport-ws")], ping_interval=None
        ) as socket:
            connection = cls(socket)
            payload = {"authorization": f"Bearer {token}", "acceptLanguage": languages}
            await connection.send(type="connection_init", payload=payload)
            assert (await connection.receive())["type"] == "connection_ack"
            yield connection

    async def send(self, **message: Any) -> None:
        await self.socket.send(orjson.dumps(message).decode())

    async def subscribe(self, query: str, variables: Mapping[str, Any], id: str = "1") -> None:
        await self.send(type="subscribe", id=id, payload={"query": query, "variables": variables})

    async def receive(self) -> SocketMessage:
        """Return the next message."""
        async with asyncio.timeout(PATIENCE):
            message: SocketMessage = orjson.loads(await self.socket.recv())
            return message

    async def change(self) -> SocketMessage:
        """Return the one root field of the next message, which must be a change."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (change,) = message["payload"]["data"].values()
        found: SocketMessage = change
        return found

    async def closed(self) -> tuple[int | None, str | None]:
        """Return the code and reason that the server closed it with."""
        async with asyncio.timeout(PATIENCE):
            await self.socket.wait_closed()
        return self.socket.close_code, self.socket.close_reason


@asynccontextmanager
async def connect_anonymously(
    url: str, payload: object = None, *, acknowledged: bool = True
) -> AsyncIterator[WebSocketClient]:
    """Connect with a payload of any shape."""
    address = url.replace("http", "ws") + "/graphql"
    async with connect(
        address, subprotocols=[Subprotocol("graphql-transport-ws")], ping_interval=None
    ) as socket:
        client = WebSocketClient(socket)
        await client.send(type="connection_init", payload=payload)
        if acknowledged:
            assert await client.receive() == {"type": "connection_ack"}
        yield client

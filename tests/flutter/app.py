"""The requests and messages that the app of the guide for Flutter sends, from Python."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from core.documents.trusted_documents import sha256
from models.identity.accounts import User
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World

PATIENCE = 20.0
Json = dict[str, Any]


@dataclass
class App:
    """An installation of the app. `tokens` are those in its secure storage."""

    url: str
    documents: dict[str, str]
    world: World
    tokens: Json = field(default_factory=dict)

    def another(self) -> "App":
        return App(self.url, self.documents, self.world)

    def body(self, name: str, variables: Json) -> Json:
        """Return what `HashedSerializer` makes of a request."""
        hash = sha256(self.documents[name])
        return {
            "operationName": name,
            "variables": variables,
            "extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}},
        }

    async def send(self, name: str, *, anonymous: bool = False, **variables: Any) -> Json:
        """Return the whole response, over HTTP."""
        headers = {"Accept": "*/*", "Accept-Language": "en"}
        if self.tokens and not anonymous:
            headers["Authorization"] = f"Bearer {self.tokens['accessToken']}"
        async with httpx.AsyncClient(timeout=PATIENCE) as http:
            body = self.body(name, variables)
            response = await http.post(f"{self.url}/graphql", json=body, headers=headers)
        answer: Json = response.json()
        return answer

    async def query(self, name: str, **variables: Any) -> Any:
        """Return the root field of a response without top-level errors."""
        answer = await self.send(name, **variables)
        assert "errors" not in answer, answer["errors"]
        (found,) = (value for key, value in answer["data"].items() if key != "__typename")
        return found

    async def mutate(self, name: str, **input: Any) -> Json:
        payload: Json = await self.query(name, input=input)
        return payload

    async def sign_in(self, user: User) -> "App":
        payload = await self.mutate("LogIn", email=email_of(user), password=PASSWORD)
        assert payload["errors"] == []
        self.tokens = payload["session"]
        return self

    async def refresh(self) -> None:
        """As `Session.renew`: without an access token."""
        input = {"refreshToken": self.tokens["refreshToken"]}
        answer = await self.send("RefreshSession", anonymous=True, input=input)
        self.tokens = answer["data"]["refreshSession"]["session"]

    @asynccontextmanager
    async def socket(
        self, token: str | None = None, subprotocol: str = "graphql-transport-ws"
    ) -> AsyncIterator["Socket"]:
        """Open a socket, as `TransportWebSocketLink` does for its first subscription."""
        address = self.url.replace("http", "ws") + "/graphql"
        token = token or self.tokens["accessToken"]
        async with connect(address, subprotocols=[Subprotocol(subprotocol)]) as connection:
            socket = Socket(connection, self)
            payload = {"authorization": f"Bearer {token}", "acceptLanguage": "en"}
            await socket.send({"type": "connection_init", "payload": payload})
            yield socket


@dataclass
class Socket:
    connection: ClientConnection
    app: App

    async def send(self, message: object) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self) -> Json:
        async with asyncio.timeout(PATIENCE):
            message: Json = json.loads(await self.connection.recv())
            return message

    async def acknowledged(self) -> None:
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, name: str, id: str = "", **variables: Any) -> str:
        id = id or str(uuid.uuid4())
        payload = self.app.body(name, variables)
        await self.send({"id": id, "type": "subscribe", "payload": payload})
        return id

    async def change(self, id: str) -> Json:
        """Return the root field of the next message, which must be a change."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", id), message
        assert "errors" not in message["payload"], message
        (change,) = message["payload"]["data"].values()
        found: Json = change
        return found

    async def refusal(self, id: str) -> str:
        """Return the code of the next message, which must be an `error` frame."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("error", id), message
        code: str = message["payload"][0]["extensions"]["code"]
        return code

    async def closed(self) -> tuple[int | None, str]:
        async with asyncio.timeout(PATIENCE):
            await self.connection.wait_closed()
        return self.connection.close_code, self.connection.close_reason or ""

"""A crowd of sockets that connect at the same moment, as after a restart of the server."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.types import ASGIApp, Message

INIT, SUBSCRIBE = "connection_init", "subscribe"


class Crowd:
    """Sockets without a client and a transport, whose work would count."""

    def __init__(self, app: ASGIApp, tokens: Sequence[str]) -> None:
        self.sockets = [CrowdSocket(token) for token in tokens]
        self._tasks = [asyncio.create_task(one.run(app)) for one in self.sockets]

    async def connect(self) -> None:
        await self._say(INIT)

    async def subscribe(self, query: str, variables: dict[str, Any]) -> None:
        await self._say(SUBSCRIBE, {"query": query, "variables": variables})

    async def leave(self) -> None:
        for one in self.sockets:
            one.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.gather(*self._tasks)

    async def _say(self, kind: str, payload: dict[str, Any] | None = None) -> None:
        """Let all send a message in one turn of the event loop."""
        for one in self.sockets:
            given = payload or {"authorization": f"Bearer {one.token}"}
            one.put({"type": "websocket.receive", "text": _text(kind, given)})


def _text(kind: str, payload: dict[str, Any]) -> str:
    id = {"id": "1"} if kind == SUBSCRIBE else {}
    return orjson.dumps({"type": kind, "payload": payload} | id).decode()


class CrowdSocket:
    """One ASGI connection, and what the server has sent to it."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.sent: list[bytes] = []
        self._received: deque[Message] = deque([{"type": "websocket.connect"}])
        self._arrived = asyncio.Event()

    async def run(self, app: ASGIApp) -> None:
        await app(self._scope(), self._receive, self._send)

    def put(self, message: Message) -> None:
        self._received.append(message)
        self._arrived.set()

    # The connection that the server writes to

    def is_open(self) -> bool:
        return True

    def release_slots(self) -> None:
        """As one of a user."""

    def try_write(self, frames: bytes) -> bool:
        self.sent.append(frames)
        return True

    def write_or_close(self, frames: bytes) -> None:
        self.sent.append(frames)

    async def _receive(self) -> Message:
        while not self._received:
            self._arrived.clear()
            await self._arrived.wait()
        return self._received.popleft()

    async def _send(self, message: Message) -> None:
        self.sent.append(message.get("text", "").encode())

    def _scope(self) -> dict[str, Any]:
        return {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"haat")],
            "subprotocols": ["graphql-transport-ws"],
            "client": ("127.0.0.1", 40_000),
            "server": ("haat", 80),
            "state": {"connection": self},
        }

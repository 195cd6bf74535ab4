"""One request over HTTP, or over a new WebSocket, with responses of the same shape."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from websockets import Subprotocol
from websockets.asyncio.client import connect

Answer = dict[str, Any]
Ask = Callable[..., Awaitable[Answer]]


def by_http(http: httpx.AsyncClient) -> Ask:
    async def ask(query: str, **variables: Any) -> Answer:
        body = {"query": query, "variables": variables}
        answer: Answer = (await http.post("/graphql", json=body)).json()
        return answer

    return ask


def by_socket(url: str, address: str) -> Ask:
    """Send requests by `graphql-transport-ws`; a closed socket raises websockets' own error."""
    send = sending_by_socket(url, address)

    async def ask(query: str, **variables: Any) -> Answer:
        return await send({"query": query, "variables": variables})

    return ask


def sending_by_socket(url: str, address: str) -> Callable[[dict[str, Any]], Awaitable[Answer]]:
    """Return a function that sends the payload of a request over a new socket."""

    async def ask(payload: dict[str, Any]) -> Answer:
        message = {"id": "1", "type": "subscribe", "payload": payload}
        async with connect(
            f"{url.replace('http', 'ws', 1)}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers={"X-Forwarded-For": address},
            max_size=None,
        ) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            await socket.send(json.dumps(message))
            response = json.loads(await socket.recv())
        return (
            {"errors": response["payload"]}
            if response["type"] == "error"
            else dict(response["payload"])
        )

    return ask


def codes(answer: Answer) -> list[str]:
    """Return the codes of the top-level errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", [])]

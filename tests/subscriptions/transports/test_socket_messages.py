"""Malformed messages of `graphql-transport-ws` close the socket with a code, and log one line."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.settings import Settings
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process
from tests.subscriptions.websocket_client import connect_anonymously
from web.graphql.socket_adapter import MAX_REASON_BYTES, shorten_reason

QUERY = {"query": "{ __typename }"}
NO_IDS: list[object] = [1, None, [], {}, "", "x" * 500]
NO_PAYLOADS: list[object] = [None, [], ""]


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[InProcessServer]:
    async with serve_in_process(settings) as server:
        yield server


MALFORMED = [
    "[]",
    '"text"',
    "1",
    "null",
    "",
    "{",
    '{"type": NaN}',
    '{"type": "\\ud800"}',
    b"\x00",
    "[" * 3_000,
    json.dumps({}),
    json.dumps({"type": 1}),
    json.dumps({"type": []}),
    json.dumps({"type": "x" * 500}),
    json.dumps({"type": "subscribe", "payload": QUERY}),
    *(json.dumps({"type": "subscribe", "id": given, "payload": QUERY}) for given in NO_IDS),
    '{"type": "subscribe", "id": "\\ud800", "payload": {"query": "{ __typename }"}}',
    json.dumps({"type": "complete", "id": {}}),
    json.dumps({"type": "complete"}),
    *(json.dumps({"type": "subscribe", "id": "1", "payload": given}) for given in NO_PAYLOADS),
    json.dumps({"type": "ping", "payload": []}),
    json.dumps({"type": "pong", "payload": "x"}),
]


@pytest.mark.parametrize("message", MALFORMED, ids=lambda message: str(message)[:40])
async def test_a_malformed_message_closes_the_socket(
    server: InProcessServer, caplog: pytest.LogCaptureFixture, message: str | bytes
) -> None:
    async with connect_anonymously(server.url) as client:
        await client.socket.send(message)
        code, reason = await client.closed()
    assert code == 4400
    assert reason
    assert [record for record in caplog.records if record.exc_info] == []
    assert [record.message for record in caplog.records if "socket.closed" in record.message]


@pytest.mark.parametrize("query", ["{ " + "é" * 300, "query A { a } query B { b }"])
async def test_an_invalid_document_ends_its_operation_alone(
    server: InProcessServer, query: str
) -> None:
    async with connect_anonymously(server.url) as client:
        await client.subscribe(query, {}, "x" * 200)
        assert (await client.receive())["type"] == "error"
        await client.send(type="ping")
        assert await client.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    "payload", [{"query": 1}, {"documentId": 1}, {"query": "{ a }", "variables": []}, {}]
)
async def test_a_malformed_request_ends_its_operation_alone(
    server: InProcessServer, payload: dict[str, Any]
) -> None:
    async with connect_anonymously(server.url) as client:
        await client.send(type="subscribe", id="1", payload=payload)
        answer = await client.receive()
        assert (answer["type"], answer["id"]) == ("error", "1")
        assert answer["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        await client.subscribe("{ __typename }", {}, "1")
        assert (await client.receive())["type"] == "next"


async def test_a_used_id_of_any_length_closes_the_socket(server: InProcessServer) -> None:
    async with connect_anonymously(server.url) as client:
        for _ in range(2):
            await client.subscribe("{ offers { totalCount } }", {}, "ü" * 255)
        code, reason = await client.closed()
    assert code == 4409
    assert reason == f"Subscriber for {'ü' * 54}"


@pytest.mark.parametrize("payload", [None, {}, {"authorization": None}])
async def test_an_empty_payload_is_acknowledged(
    server: InProcessServer, payload: dict[str, None] | None
) -> None:
    async with connect_anonymously(server.url, payload):
        pass


@pytest.mark.parametrize("payload", [[], 1, "x", True])
async def test_another_payload_is_not(server: InProcessServer, payload: object) -> None:
    async with connect_anonymously(server.url, payload, acknowledged=False) as client:
        assert (await client.closed())[0] == 4400


@pytest.mark.parametrize("reason", ["", "x" * 200, "ü" * 200, "\N{GRINNING FACE}" * 50, "\ud800x"])
def test_reasons_fit_into_a_close_frame(reason: str) -> None:
    shortened = shorten_reason(reason)
    assert len(shortened.encode()) <= MAX_REASON_BYTES
    assert len(shortened.encode()) > MAX_REASON_BYTES - 4 or len(reason) == len(shortened)


async def test_messages_of_a_client_still_arrive(server: InProcessServer) -> None:
    async with connect_anonymously(server.url) as client:
        await client.send(type="ping", payload={"sent": 1})
        assert await client.receive() == {"type": "pong"}
        await client.send(type="pong")
        await client.send(type="complete", id="unknown")
        await client.subscribe("{ __typename }", {})
        assert (await client.receive())["payload"]["data"] == {"__typename": "Query"}

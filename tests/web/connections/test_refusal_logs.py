"""Refused WebSockets and connections write no error into the log."""

import logging
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from core.errors import TooManyRequests
from core.limits import network_slots
from core.outages import DatabaseUnavailable
from core.settings import Settings
from services.identity.tokens.token_lookups import TokenLookups
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process
from tests.subscriptions.websocket_client import WebSocketClient
from tests.web.connections.raw_connection import RawConnection, handshake, head

GRAPHQL = "graphql-transport-ws"


@pytest.fixture
async def server(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[InProcessServer]:
    monkeypatch.setattr(network_slots, "MIN_SECONDS", 60.0)
    few = {"network_connections": 0, "public_url": "http://haat.example"}
    async with serve_in_process(settings.model_copy(update=few)) as server:
        yield server


@pytest.fixture
async def roomy(settings: Settings) -> AsyncIterator[InProcessServer]:
    async with serve_in_process(settings) as server:
        yield server


async def refusal(server: InProcessServer, path: str = "/graphql", **headers: str) -> InvalidStatus:
    address = server.url.replace("http", "ws") + path
    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            address, subprotocols=[Subprotocol(GRAPHQL)], additional_headers=headers
        ):
            pass
    return refused.value


def ensure_no_errors(caplog: pytest.LogCaptureFixture) -> None:
    errors = [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]
    assert errors == []


async def test_a_socket_too_many(server: InProcessServer, caplog: pytest.LogCaptureFixture) -> None:
    assert (await refusal(server)).response.status_code == 429
    ensure_no_errors(caplog)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/elsewhere", {}, 403),
        ("/graphql", {"Origin": "https://elsewhere.example"}, 403),
    ],
)
async def test_sockets_that_are_not_served(
    roomy: InProcessServer,
    caplog: pytest.LogCaptureFixture,
    path: str,
    headers: dict[str, str],
    status: int,
) -> None:
    assert (await refusal(roomy, path, **headers)).response.status_code == status
    ensure_no_errors(caplog)


@pytest.mark.parametrize("error", [TooManyRequests(7), DatabaseUnavailable()])
async def test_sockets_whose_token_cannot_be_verified(
    roomy: InProcessServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(TokenLookups, "find", fail)
    async with connect(
        roomy.url.replace("http", "ws") + "/graphql",
        subprotocols=[Subprotocol(GRAPHQL)],
        additional_headers={"Authorization": f"Bearer haat_{uuid4().hex}"},
    ) as socket:
        assert (await WebSocketClient(socket).closed())[0] == 1013
    ensure_no_errors(caplog)


async def test_an_unknown_protocol(
    roomy: InProcessServer, caplog: pytest.LogCaptureFixture
) -> None:
    address = roomy.url.replace("http", "ws") + "/graphql"
    async with connect(address) as socket:
        assert (await WebSocketClient(socket).closed())[0] == 4406
    ensure_no_errors(caplog)


@pytest.mark.parametrize(
    "sent",
    [
        handshake().replace(b"Host: localhost", b"Host: elsewhere.example"),
        b"nonsense\r\n\r\n",
        head("GET /health", *(f"X-{number}: 1" for number in range(200))),
        head("GET /health", "X: " + "a" * 70_000),
        handshake("Sec-WebSocket-Key: x"),
        handshake().replace(b"Version: 13", b"Version: 12"),
        head("GET /graphql", "Connection: Upgrade", "Upgrade: websocket"),
    ],
    ids=["other host", "nonsense", "fields", "head", "two keys", "version", "no key"],
)
async def test_requests_that_are_not_understood(
    roomy: InProcessServer, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    async with RawConnection.to(roomy.url) as connection:
        await connection.send(sent)
        assert 400 <= await connection.status() < 500
    ensure_no_errors(caplog)

"""Connections that make the server wait are closed."""

import asyncio
import socket
from itertools import count
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Scope, Send

from core.settings import Settings
from tests.subscriptions.in_process_server import LITTLE, InProcessServer, serve_in_process
from tests.web.connections.raw_connection import RawConnection, head
from web.uvicorn_protocols import http, send_timeout

HEALTH = head("GET /health")
POST = head("POST /graphql", "Content-Type: application/json", "Content-Length: 100000")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(http, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(http, "LINGER_SECONDS", 0.5)
    monkeypatch.setattr(send_timeout, "SEND_TIMEOUT_SECONDS", 0.5)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", 0),
        (b"\r\n", 0),
        (HEALTH[:-10], 408),
        (POST, 408),
        (POST + b"{", 408),
        (
            head("POST /graphql", "Content-Type: application/json", "Transfer-Encoding: chunked"),
            408,
        ),
    ],
)
async def test_a_request_that_stops_is_ended(
    server: InProcessServer, sent: bytes, status: int
) -> None:
    async with RawConnection.to(server.url) as connection:
        await connection.send(sent)
        assert await connection.status() == status


@pytest.mark.parametrize("start", [HEALTH[:-10], POST], ids=["head", "body"])
async def test_a_request_that_drips_is_ended(server: InProcessServer, start: bytes) -> None:
    """A byte now and then does not extend the time."""
    async with RawConnection.to(server.url) as connection:
        await connection.send(start)
        for number in count():
            await connection.send(b"x")
            await asyncio.sleep(0.1)
            assert number < 100
            if connection.reader.at_eof() or connection.reader._buffer:  # type: ignore[attr-defined]
                break
        assert await connection.status() == 408


async def test_a_body_may_take_longer_if_it_progresses(server: InProcessServer) -> None:
    """Ten pieces of 1 KiB have ten more seconds."""
    body = b'{"query": "{ __typename }"}'.ljust(10_240)
    post = head(
        "POST /graphql",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    async with RawConnection.to(server.url) as connection:
        await connection.send(post)
        for at in range(0, len(body), 1024):
            await connection.send(body[at : at + 1024])
            await asyncio.sleep(0.15)
        assert await connection.status() == 200


async def test_a_slow_second_request_is_ended(server: InProcessServer) -> None:
    async with RawConnection.to(server.url) as connection:
        await connection.send(HEALTH)
        await connection.reader.readuntil(b"}")
        await asyncio.sleep(1)  # an idle connection is kept
        await connection.send(HEALTH[:-10])
        assert await connection.status() == 408


async def test_a_body_that_is_not_wanted_is_not_waited_for(server: InProcessServer) -> None:
    async with RawConnection.to(server.url) as connection:
        await connection.send(head("GET /health", "Content-Length: 100000"))
        assert await connection.status() == 200


async def test_a_slow_response_is_waited_for(server: InProcessServer) -> None:
    """Deadlines are for clients: a request that was received may take any time."""

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(1.5)
        await app(scope, receive, send)

    app, server.config.loaded_app = server.config.loaded_app, slow
    async with RawConnection.to(server.url) as connection:
        await connection.send(head("GET /health", "Connection: close"))
        assert await connection.status() == 200


async def unread(server: InProcessServer) -> socket.socket:
    """Connect a client that can receive little."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
    client.setblocking(False)
    address = urlsplit(server.url)
    await asyncio.get_running_loop().sock_connect(client, (address.hostname, address.port))
    return client


async def test_a_client_that_does_not_read_the_last_response_is_cut_off(
    settings: Settings,
) -> None:
    """Less than the transport's buffer of 64 KiB is left, so writing is never paused."""

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"50000"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * 50_000})

    async with serve_in_process(settings, sent_at_once=LITTLE) as server:
        server.config.loaded_app = large
        client = await unread(server)
        await asyncio.get_running_loop().sock_sendall(client, HEALTH)
        async with asyncio.timeout(10):
            while not server.waiting_to_be_sent():  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.01)
            while server.server_state.connections:  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.05)
        client.close()

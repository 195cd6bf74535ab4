"""At most 64 KiB arrive before the application is asked, whatever they belong to."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from tests.subscriptions.in_process_server import InProcessServer
from tests.web.connections.raw_connection import (
    RawConnection,
    handshake,
    head,
    in_pieces,
    padded,
)
from web.uvicorn_protocols.http import MAX_HEAD_BYTES, MAX_HEADERS, MAX_PIPELINED_REQUESTS

HEALTH = head("GET /health", "Connection: close")
CHUNKED = head("POST /graphql", "Content-Type: application/json", "Transfer-Encoding: chunked")
HELLO = b'{"query": "{ __typename }"}'
CHUNK = b"%x\r\n%b\r\n" % (len(HELLO), HELLO)


async def status(server: InProcessServer, *pieces: bytes) -> int:
    async with RawConnection.to(server.url) as connection:
        await connection.send(*pieces)
        return await connection.status()


@pytest.mark.parametrize("piece", [1_000, 40_000, 100_000])
async def test_a_head_of_64_kib_is_accepted_and_one_byte_more_is_431(
    server: InProcessServer, piece: int
) -> None:
    assert MAX_HEAD_BYTES == 64 * 1024
    just = padded(HEALTH, MAX_HEAD_BYTES)
    assert await status(server, *in_pieces(just, piece)) == 200
    assert await status(server, *in_pieces(padded(HEALTH, MAX_HEAD_BYTES + 1), piece)) == 431


async def test_an_endless_head_is_refused_while_it_arrives(server: InProcessServer) -> None:
    async with RawConnection.to(server.url) as connection:
        await connection.send(HEALTH[:-2] + b"X-Endless: ", *[b"x" * 10_000] * 7)
        assert await connection.status() == 431
    async with asyncio.timeout(5):
        while server.server_state.connections:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)


async def test_the_head_of_a_second_request_is_limited_too(server: InProcessServer) -> None:
    async with RawConnection.to(server.url) as connection:
        await connection.send(head("GET /health"))
        assert (await connection.reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
        await connection.send(padded(HEALTH, MAX_HEAD_BYTES + 1))
        assert await connection.status() == 431


async def test_the_head_of_a_websocket_is_limited_too(server: InProcessServer) -> None:
    assert await status(server, padded(handshake(), MAX_HEAD_BYTES + 1)) == 431


async def test_headers_are_counted(server: InProcessServer) -> None:
    fields = [f"X-{number}: 1" for number in range(MAX_HEADERS)]
    assert await status(server, head("GET /health", "Connection: close", *fields[:-2])) == 200
    assert await status(server, head("GET /health", "Connection: close", *fields[:-1])) == 431


async def test_blank_lines_before_a_request_are_counted(server: InProcessServer) -> None:
    assert await status(server, *[b"\r\n" * 1_000] * 40) == 431


async def test_chunk_extensions_are_limited(server: InProcessServer) -> None:
    extended = CHUNK.replace(b"\r\n", b";x=" + b"x" * 2 * MAX_HEAD_BYTES + b"\r\n", 1)
    assert await status(server, CHUNKED, *in_pieces(extended, 10_000)) == 431


async def test_trailers_are_limited(server: InProcessServer) -> None:
    """The request may be answered before its end is refused."""
    trailers = b"0\r\n" + b"X-Trailer: 1\r\n" * 10_000
    async with RawConnection.to(server.url) as connection:
        await connection.send(CHUNKED, CHUNK, *in_pieces(trailers, 10_000))
        await connection.received()


async def test_trailers_are_no_headers(server: InProcessServer) -> None:
    """A proxy removes what clients may not send from heads only, such as X-Forwarded-For."""
    scopes: list[Scope] = []
    app = server.config.loaded_app

    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await app(scope, receive, send)

    server.config.loaded_app = recording
    async with RawConnection.to(server.url) as connection:
        await connection.send(CHUNKED + CHUNK + b"0\r\nX-Trailer: 1\r\n\r\n")
        await connection.reader.readuntil(b"Query")
    assert b"x-trailer" not in dict(scopes[0]["headers"])


async def test_pipelined_requests_are_limited(server: InProcessServer) -> None:
    """Those that wait at the moment are answered, and the connection ends."""
    async with RawConnection.to(server.url) as connection:
        await connection.send(head("GET /health") * 1_000)
        answered = (await connection.received()).count(b"HTTP/1.1 200")
    assert answered == 1 + MAX_PIPELINED_REQUESTS


async def test_requests_before_a_malformed_one_are_answered(server: InProcessServer) -> None:
    async with RawConnection.to(server.url) as connection:
        await connection.send(head("GET /health") * 2 + b"nonsense\r\n\r\n")
        answers = await connection.received()
    assert answers.count(b"HTTP/1.1 200") == 2
    assert answers.endswith(b"}")


async def test_a_malformed_request_is_400(server: InProcessServer) -> None:
    assert await status(server, b"nonsense\r\n\r\n") == 400


async def test_another_protocol_than_websocket_is_not_upgraded_to(server: InProcessServer) -> None:
    upgrade = head("GET /health", "Connection: Upgrade", "Upgrade: h2c")
    async with RawConnection.to(server.url) as connection:
        await connection.send(upgrade)
        assert (await connection.reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
        await connection.send(HEALTH)
        assert await connection.status() == 200

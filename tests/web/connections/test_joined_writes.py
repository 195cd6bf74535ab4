"""The head of a response is sent with its body, and alone if the body takes longer."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from tests.subscriptions.in_process_server import InProcessServer
from tests.web.connections.raw_connection import RawConnection, head
from web.uvicorn_protocols.http import HTTPConnection


async def test_a_response_is_one_packet(server: InProcessServer) -> None:
    async with RawConnection.to(server.url) as connection:
        for _ in range(3):
            await connection.send(head("GET /health"))
            packet = await connection.reader.read(65536)
            assert packet.startswith(b"HTTP/1.1 200")
            assert packet.endswith(b"}")


async def test_a_head_does_not_wait_for_its_body(server: InProcessServer) -> None:
    goes_on = asyncio.Event()

    async def in_two_parts(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await goes_on.wait()
        await send({"type": "http.response.body", "body": b"ab", "more_body": True})
        await send({"type": "http.response.body", "body": b"cd"})

    server.config.loaded_app = in_two_parts
    async with asyncio.timeout(10), RawConnection.to(server.url) as connection:
        await connection.send(head("GET /", "Connection: close"))
        assert (await connection.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        goes_on.set()
        assert await connection.received() == b"abcd"


async def test_a_head_without_a_body_is_sent_before_the_end(server: InProcessServer) -> None:
    async def fails(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        raise ConnectionError

    server.config.loaded_app = fails
    async with RawConnection.to(server.url) as connection:
        await connection.send(head("GET /"))
        assert (await connection.received()).endswith(b"\r\n\r\n")


async def test_an_expected_continue_is_sent_before_the_body(server: InProcessServer) -> None:
    async def echoes(_: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    server.config.loaded_app = echoes
    expect = ("Expect: 100-continue", "Content-Length: 4")
    async with asyncio.timeout(10), RawConnection.to(server.url) as connection:
        for _ in range(2):
            await connection.send(head("POST /", *expect))
            first = await connection.reader.readuntil(b"\r\n\r\n")
            assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
            await connection.send(b"abcd")
            packet = await connection.reader.read(65536)
            assert packet.startswith(b"HTTP/1.1 200")
            assert packet.endswith(b"\r\n\r\nabcd")


async def test_pipelined_heads_without_bodies_stay_in_order(server: InProcessServer) -> None:
    async def answers(scope: Scope, _: Receive, send: Send) -> None:
        status = int(scope["path"][1:])
        length = [] if status == 204 else [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": length})
        await send({"type": "http.response.body", "body": b""})

    server.config.loaded_app = answers
    requests = [("HEAD", 200), ("GET", 204), ("HEAD", 201), ("GET", 304)]
    pieces = b"".join(head(f"{method} /{status}") for method, status in requests)
    async with RawConnection.to(server.url) as connection:
        await connection.send(pieces + head("HEAD /202", "Connection: close"))
        heads = (await connection.received()).split(b"\r\n\r\n")
    assert [one[9:12] for one in heads] == [b"200", b"204", b"201", b"304", b"202", b""]


async def test_a_head_is_dropped_if_the_client_is_gone(server: InProcessServer) -> None:
    """Uvloop refuses to write to a closed transport, and the event loop would log it."""
    wrote: list[bool] = []

    async def leaves(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        (connection,) = server.server_state.connections
        assert isinstance(connection, HTTPConnection)
        transport = connection.cycle.transport
        connection.transport.abort()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                type(connection.transport), "write", lambda *_: wrote.append(True), raising=True
            )
            transport.flush()  # type: ignore[attr-defined]

    server.config.loaded_app = leaves
    async with asyncio.timeout(10), RawConnection.to(server.url) as connection:
        await connection.send(head("GET /"))
        await connection.received()
    assert wrote == []

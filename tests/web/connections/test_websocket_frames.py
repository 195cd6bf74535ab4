"""The server limits frames and messages that the application has not read, and pongs."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.subscriptions.in_process_server import InProcessServer
from tests.web.connections.raw_connection import RawConnection, handshake
from web.uvicorn_protocols import frame_allowance
from web.uvicorn_protocols.frame_allowance import ALLOWANCE, FrameAllowance
from web.uvicorn_protocols.websocket import MAX_FRAMES

TEXT, CONTINUATION, PING, PONG = 0x01, 0x00, 0x09, 0x8A
FINAL, MASKED = 0x80, 0x80


def frame(opcode: int, content: bytes = b"") -> bytes:
    """Return a frame of fewer than 126 bytes with a mask of zeros."""
    return bytes([opcode, MASKED | len(content)]) + bytes(4) + content


def url(server: InProcessServer) -> str:
    return server.url.replace("http", "ws") + "/graphql"


async def closed_with(server: InProcessServer, *frames: bytes) -> int:
    """Return the code that the server closes a WebSocket with after these frames."""
    async with RawConnection.to(server.url) as connection:
        await connection.send(handshake())
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(frame(FINAL | TEXT, b'{"type":"connection_init"}'), *frames)
        received = await connection.received()
    *_, close = received.split(b"\x88")
    return int.from_bytes(close[1:3])


async def test_frames_of_a_message_are_limited(server: InProcessServer) -> None:
    empty = [frame(CONTINUATION)] * (MAX_FRAMES + 1)
    assert await closed_with(server, frame(TEXT), b"".join(empty)) == 1008


async def test_a_message_in_many_frames_is_accepted(server: InProcessServer) -> None:
    ping = json.dumps({"type": "ping"}).ljust(MAX_FRAMES - 100)
    async with connect(url(server), subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send(iter(ping))
        assert json.loads(await socket.recv()) == {"type": "pong"}


@pytest.mark.parametrize(
    "sent",
    [
        frame(FINAL | TEXT, b'{"type":"ping"}'),
        frame(FINAL | TEXT, b'{"type":"pong"}'),
        frame(FINAL | TEXT, b'{"type":"complete","id":"1"}'),
        frame(FINAL | PING),
        frame(PONG),
    ],
    ids=["ping message", "pong message", "complete", "ping", "pong"],
)
async def test_frames_that_cost_no_points_are_limited(server: InProcessServer, sent: bytes) -> None:
    assert await closed_with(server, sent * 2 * ALLOWANCE.capacity) == 1008


async def test_a_page_may_close_all_its_operations_at_once(server: InProcessServer) -> None:
    async with connect(url(server), subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send('{"type":"connection_init"}')
        for number in range(100):
            await socket.send(json.dumps({"type": "complete", "id": str(number)}))
        await socket.send('{"type":"ping"}')
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        assert json.loads(await socket.recv()) == {"type": "pong"}


def test_the_allowance_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(frame_allowance, "monotonic", lambda: now[0])
    allowance = FrameAllowance()
    assert allowance.take(ALLOWANCE.capacity)
    assert not allowance.take(1)
    now[0] += 1
    assert allowance.take(1)


async def test_text_that_is_not_utf_8_closes_the_socket(
    server: InProcessServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert await closed_with(server, frame(FINAL | TEXT, b"\xff")) == 1007
    assert [record for record in caplog.records if record.exc_info] == []


async def test_pings_of_a_client_that_does_not_read_are_not_answered(
    server: InProcessServer,
) -> None:
    async with connect(url(server), subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        (connection,) = server._sockets()
        connection.writable.clear()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(await socket.ping(), 0.3)
        connection.writable.set()
        await (await socket.ping())


async def test_an_operation_that_ends_after_the_socket_logs_no_error(
    server: InProcessServer, caplog: pytest.LogCaptureFixture
) -> None:
    query = {"query": "{ offers(first: 1) { nodes { id } } }"}
    asked = {"type": "subscribe", "id": "1", "payload": query}
    async with connect(url(server), subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send('{"type":"connection_init"}')
        await socket.send(json.dumps(asked))
        await socket.send("[]")
        with pytest.raises(ConnectionClosed):
            while True:
                await socket.recv()
    await asyncio.sleep(0.3)
    assert [record for record in caplog.records if record.exc_info] == []

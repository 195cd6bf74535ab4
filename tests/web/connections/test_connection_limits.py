"""Connections are limited per network and in total, and WebSockets without a user per network."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from http import HTTPStatus

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from core.limits import network_slots
from core.settings import Settings
from tests.client import Client
from tests.factories.world import World
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process
from tests.subscriptions.websocket_client import WebSocketClient
from tests.web.connections.raw_connection import RawConnection, handshake, head
from web.graphql import endpoint
from web.uvicorn_protocols.connection_limits import ConnectionLimits, ConnectionRefused

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"
MOST = 3


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[InProcessServer]:
    few = {"network_connections": MOST, "process_connections": 5}
    async with serve_in_process(settings.model_copy(update=few)) as server:
        yield server


@pytest.fixture
def limits(settings: Settings) -> ConnectionLimits:
    few = {"network_connections": MOST, "trusted_proxies": "10.0.0.0/24,2001:db8::5"}
    return ConnectionLimits(settings.model_copy(update=few | {"operations_port": 9000}))


def refused(limits: ConnectionLimits, peer: str, port: int = 8000) -> bool:
    try:
        limits.admit(port, peer, connections=1)
    except ConnectionRefused as refusal:
        return refusal.status is HTTPStatus.TOO_MANY_REQUESTS
    return False


@pytest.mark.parametrize(
    "peers",
    [
        [HERE, HERE],
        [HERE, f"::ffff:{HERE}"],
        ["2001:db8:1:2::1", "2001:db8:1:2:ffff::1"],
        ["10.0.1.1", "10.0.1.1"],
    ],
)
def test_a_network_is_limited(limits: ConnectionLimits, peers: list[str]) -> None:
    first, second = peers
    slots = [limits.admit(8000, first, connections=1) for _ in range(MOST)]
    assert refused(limits, second)
    assert not refused(limits, ELSEWHERE)
    assert slots[0]
    slots[0].release()
    slots[0].release()
    assert not refused(limits, second)
    assert refused(limits, second)


@pytest.mark.parametrize(
    "peer", ["127.0.0.1", "127.0.0.9", "::1", "10.0.0.200", "::ffff:10.0.0.200", "2001:db8::5", ""]
)
def test_this_machine_and_trusted_proxies_are_not(limits: ConnectionLimits, peer: str) -> None:
    assert not any(refused(limits, peer) for _ in range(2 * MOST))


def test_the_operations_port_is_not_limited(limits: ConnectionLimits) -> None:
    for _ in range(2 * MOST):
        assert limits.admit(9000, HERE, connections=10**6) is None


def test_the_process_is_limited_to_its_open_files(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (1000, 2000))
    limits = ConnectionLimits(settings)
    assert limits.most == 900
    limits.admit(8000, "", connections=900)
    with pytest.raises(ConnectionRefused) as refusal:
        limits.admit(8000, "", connections=901)
    assert refusal.value.status is HTTPStatus.SERVICE_UNAVAILABLE


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count connections from this machine as if from elsewhere."""
    monkeypatch.setattr(ConnectionLimits, "_is_exempt", lambda *_: False)


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("sent", [b"", head("GET /health"), handshake()])
async def test_one_connection_too_many_of_a_network_is_429(
    server: InProcessServer, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection keeps its slot when it becomes a WebSocket, and gives it back at its end."""
    monkeypatch.setattr(network_slots, "MIN_SECONDS", 60.0)
    async with AsyncExitStack() as stack:
        for _ in range(MOST):
            open = await stack.enter_async_context(RawConnection.to(server.url))
            await open.send(sent)
            if sent:
                await open.reader.readuntil(b"\r\n")
        async with RawConnection.to(server.url) as refused:
            assert await refused.status() == 429
    await until_closed(server)
    async with RawConnection.to(server.url) as connection:
        await connection.send(head("GET /health", "Connection: close"))
        assert await connection.status() == 200


async def test_one_connection_too_many_of_the_process_is_503(server: InProcessServer) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(RawConnection.to(server.url))
        async with RawConnection.to(server.url) as refused:
            assert await refused.status() == 503
    await until_closed(server)


async def until_closed(server: InProcessServer) -> None:
    async with asyncio.timeout(10):
        while server.server_state.connections:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)


async def opened(
    stack: AsyncExitStack, server: InProcessServer, address: str, authorization: str = ""
) -> ClientConnection:
    """Open a WebSocket through a proxy."""
    socket = await stack.enter_async_context(
        connect(
            server.url.replace("http", "ws") + "/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers={"X-Forwarded-For": address},
        )
    )
    payload = {"authorization": authorization} if authorization else {}
    await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}
    return socket


async def test_sockets_without_a_user_are_limited_per_network(
    settings: Settings, world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_slots, "MIN_SECONDS", 60.0)
    few = settings.model_copy(update={"network_connections": MOST})
    authorization = api.signed_in(await world.user()).headers["Authorization"]
    async with serve_in_process(few) as server, AsyncExitStack() as stack:
        for _ in range(2 * MOST):
            await opened(stack, server, HERE, authorization)
        anonymous = [await opened(stack, server, HERE) for _ in range(MOST)]
        with pytest.raises(InvalidStatus) as refusal:
            await opened(stack, server, HERE)
        assert refusal.value.response.status_code == 429
        await opened(stack, server, ELSEWHERE)
        await anonymous[0].close()
        await asyncio.sleep(0.2)
        await opened(stack, server, HERE)
    assert server.limits.anonymous_sockets.networks() == 0


async def test_an_idle_socket_without_a_user_is_closed(
    settings: Settings, world: World, api: Client
) -> None:
    soon = settings.model_copy(update={"anonymous_socket_seconds": 0.5})
    authorization = api.signed_in(await world.user()).headers["Authorization"]
    async with serve_in_process(soon) as server, AsyncExitStack() as stack:
        user = await opened(stack, server, HERE, authorization)
        idle, busy = [WebSocketClient(await opened(stack, server, HERE)) for _ in range(2)]
        for number in range(10):
            if number < 3:
                await idle.socket.ping()  # is no operation
            await busy.subscribe("{ __typename }", {}, str(number))
            assert [(await busy.receive())["type"] for _ in range(2)] == ["next", "complete"]
            await asyncio.sleep(0.1)
        code, reason = await idle.closed()
        assert code == 4408
        assert reason == "No operation for a while, and no user. Connect again."
        assert (await busy.closed())[0] == 4408
        await user.send('{"type": "ping"}')
        assert await user.recv() == '{"type":"pong"}'


async def test_a_socket_that_is_not_initialized_is_closed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(seconds=10) == endpoint.CONNECTION_INIT_TIMEOUT
    monkeypatch.setattr(endpoint, "CONNECTION_INIT_TIMEOUT", timedelta(seconds=0.3))
    async with (
        serve_in_process(settings) as server,
        connect(
            server.url.replace("http", "ws") + "/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
        ) as socket,
    ):
        assert (await WebSocketClient(socket).closed())[0] == 4408

"""Sockets without a user make room for others of their network, so that users can sign in."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from core.limits import network_slots
from core.limits.network_slots import NetworkSlot
from core.settings import Settings
from tests.client import Client
from tests.factories.world import World
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process
from tests.subscriptions.websocket_client import WebSocketClient
from web.uvicorn_protocols.connection_limits import ConnectionLimits

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"
MOST, USERS = 10, 30


@pytest.fixture
async def server(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[InProcessServer]:
    monkeypatch.setattr(network_slots, "MIN_SECONDS", 0.2)
    few = {"network_connections": MOST}
    async with serve_in_process(settings.model_copy(update=few)) as server:
        yield server


@pytest.fixture
async def tokens(world: World, api: Client) -> list[str]:
    return [api.signed_in(await world.user()).headers["Authorization"] for _ in range(USERS)]


def handshaking(server: InProcessServer, address: str = HERE) -> connect:
    """Connect through a proxy."""
    return connect(
        server.url.replace("http", "ws") + "/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers={"X-Forwarded-For": address},
    )


async def sign_in(socket: ClientConnection, authorization: str) -> None:
    payload = {"authorization": authorization}
    await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}


async def answers(socket: ClientConnection) -> bool:
    await socket.send('{"type": "ping"}')
    return bool(json.loads(await socket.recv()) == {"type": "pong"})


async def hold_sockets(server: InProcessServer) -> None:
    """Hold as many anonymous sockets as possible, from as many tasks as there are slots, twice."""

    async def hold() -> None:
        while True:
            with suppress(InvalidStatus, ConnectionClosed, OSError):
                async with handshaking(server) as socket:
                    await socket.wait_closed()
            await asyncio.sleep(0.02)

    await asyncio.gather(*(hold() for _ in range(2 * MOST)))


async def get_in(server: InProcessServer, stack: AsyncExitStack, token: str) -> ClientConnection:
    """Connect as a client does: again after a moment, if the server refuses or closes it."""
    async with asyncio.timeout(30):
        while True:
            with suppress(InvalidStatus, ConnectionClosed):
                socket = await stack.enter_async_context(handshaking(server))
                await sign_in(socket, token)
                return socket
            await asyncio.sleep(0.05)


async def test_users_get_in_while_their_network_is_full(
    server: InProcessServer, tokens: list[str]
) -> None:
    async with AsyncExitStack() as stack:
        attack = asyncio.create_task(hold_sockets(server))
        await asyncio.sleep(0.5)
        sockets = await asyncio.gather(*(get_in(server, stack, token) for token in tokens))
        assert all(await asyncio.gather(*map(answers, sockets))), "they are not replaced"
        await asyncio.sleep(0.5)
        assert all(await asyncio.gather(*map(answers, sockets)))
        attack.cancel()
        await asyncio.gather(attack, return_exceptions=True)
    assert server.limits.anonymous_sockets.networks() <= 1


async def test_users_do_not_get_in_without_replacement(
    server: InProcessServer, tokens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(NetworkSlot, "replace", lambda _: False)
    async with AsyncExitStack() as stack:
        for _ in range(MOST):
            await stack.enter_async_context(handshaking(server))
        with pytest.raises(InvalidStatus) as refusal:
            await stack.enter_async_context(handshaking(server))
        assert refusal.value.response.status_code == 429


async def test_the_oldest_socket_without_a_user_is_replaced(
    server: InProcessServer, tokens: list[str]
) -> None:
    async with AsyncExitStack() as stack:
        user = await stack.enter_async_context(handshaking(server))
        await sign_in(user, tokens[0])
        held = [await stack.enter_async_context(handshaking(server)) for _ in range(MOST)]
        await asyncio.sleep(0.3)
        await stack.enter_async_context(handshaking(server, ELSEWHERE))
        assert await answers(held[0]), "another network has slots of its own"
        await stack.enter_async_context(handshaking(server))
        assert await WebSocketClient(held[0]).closed() == (
            1013,
            "Another connection of this network needs the place. Sign in, or connect again later.",
        )
        assert all([await answers(socket) for socket in held[1:]])
        assert await answers(user)


async def test_a_socket_has_a_moment_to_sign_in(
    server: InProcessServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(handshaking(server)) for _ in range(MOST)]
        monkeypatch.setattr(network_slots, "MIN_SECONDS", 60.0)
        with pytest.raises(InvalidStatus):
            await stack.enter_async_context(handshaking(server))
        assert all([await answers(socket) for socket in held])


async def test_connections_of_users_do_not_count_against_their_network(
    server: InProcessServer, tokens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a proxy, where each connection takes a slot before anything is sent."""
    monkeypatch.setattr(ConnectionLimits, "_is_exempt", lambda *_: False)
    async with AsyncExitStack() as stack:
        sockets = []
        for token in tokens[: 2 * MOST]:
            sockets.append(await stack.enter_async_context(handshaking(server)))
            await sign_in(sockets[-1], token)
        held = [await stack.enter_async_context(handshaking(server)) for _ in range(MOST)]
        await asyncio.sleep(0.3)
        sockets.append(await stack.enter_async_context(handshaking(server)))
        await sign_in(sockets[-1], tokens[-1])
        await held[0].wait_closed()
        assert all([await answers(socket) for socket in [*sockets, *held[2:]]])

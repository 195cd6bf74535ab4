"""A conversation followed in two processes: executed once in each, with Redis or without."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import User
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.running import Server, Valkey, serving, stopped
from tests.subscriptions.chat.test_chat import IN_ONE
from tests.subscriptions.signals import signalled
from tests.subscriptions.websocket_client import WebSocketClient

MOST = 39  # subscribers until each process has some


@pytest.fixture(scope="module")
def server(
    settings: Settings, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(settings, valkey.url, log, workers=2) as server:
        yield server


@dataclass
class Devices:
    """Both sides of a conversation, each on many devices, at two processes."""

    chat: Chat
    server: Server
    connections: list[WebSocketClient]

    async def send(self, text: str) -> str:
        sent: str = (await self.chat.send(self.chat.customer, text))["id"]
        return sent

    async def receive(self, sent: list[str]) -> None:
        """All of them these, in this order and nothing else."""
        for connection in self.connections:
            changes = [await connection.change() for _ in sent]
            assert [one["message"]["id"] for one in changes] == sent

    async def lag(self, text: str) -> float:
        """Return the seconds from the sender's response until every device has the message."""
        sent = await self.send(text)
        answered = time.monotonic()
        await self.receive([sent])
        return time.monotonic() - answered

    async def executions(self) -> float:
        """Return the executions of both processes, whose subscribers the metrics sum up."""
        found = await _metrics(self.server)
        assert found["haat_subscribers"] == len(self.connections)
        return found["haat_live_executions_total"]


@pytest.fixture
async def devices(server: Server, world: World, keys: SigningKeys) -> AsyncIterator[Devices]:
    """Connect subscribers until both processes have some."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        chat = await Chat.open(world, Client(http, keys))
        connections: list[WebSocketClient] = []
        while not await _is_spread(server, len(connections)):
            assert len(connections) < MOST
            user = (chat.customer, chat.member)[len(connections) % 2]
            connection = await stack.enter_async_context(
                WebSocketClient.connected(server.url, _token(chat, user))
            )
            await connection.subscribe(IN_ONE, {"id": chat.id})
            connections.append(connection)
        yield Devices(chat, server, connections)


async def test_a_message_is_executed_once_in_each_process(devices: Devices) -> None:
    before = await devices.executions()
    await devices.receive([await devices.send(text) for text in ("one", "two", "three")])
    made = await devices.executions() - before
    assert 2 * 3 <= made <= 2 * 4, "each minute there is a checkpoint too"


async def test_without_redis_a_message_is_late_and_then_at_once_again(
    devices: Devices, valkey: Valkey
) -> None:
    before, sent = await devices.executions(), 0

    async def lag() -> float:
        nonlocal sent
        sent += 1
        return await devices.lag("Is anybody there?")

    with stopped(valkey):
        await lag()
        await lag()
    await signalled(lag)
    made = await devices.executions() - before
    assert 2 * sent <= made <= 2 * (sent + 1)


async def _is_spread(server: Server, subscribers: int) -> bool:
    """Return whether all are subscribed, and each of the two processes has some.

    Up to two connections are those of HTTP clients.
    """
    counts = server.connections()
    if len(counts) < 2 or min(counts) <= 2:
        return False
    return (await _metrics(server))["haat_subscribers"] == subscribers


async def _metrics(server: Server) -> dict[str, float]:
    """Return the metrics of both processes together."""
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        lines = (await http.get("/metrics")).text.splitlines()
    values = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in values}


def _token(chat: Chat, user: User) -> str:
    return chat.api.signed_in(user).headers["Authorization"].partition(" ")[2]

"""A conversation followed in two processes: executed once in each, with Redis or without."""

import asyncio
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
from tests.running import Server, Valkey, serving
from tests.subscriptions.test_chat import IN_ONE
from tests.subscriptions.websocket_client import PATIENCE, WebSocketClient

LATE = 3.0  # seconds, when only the sweep finds entries
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

    async def executions(self) -> dict[float, float]:
        """Return the executions of each process that has subscribers, by their number."""
        found: dict[float, float] = {}
        async with asyncio.timeout(PATIENCE):
            while sum(found) < len(self.connections):
                one = await _metrics(self.server)
                if one["haat_subscribers"]:
                    found[one["haat_subscribers"]] = one["haat_live_executions_total"]
        return found


@pytest.fixture
async def devices(server: Server, world: World, keys: SigningKeys) -> AsyncIterator[Devices]:
    """Connect an odd number of subscribers, so that the count identifies each process."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        chat = await Chat.open(world, Client(http, keys))
        connections: list[WebSocketClient] = []
        while len(connections) % 2 == 0 or not await _spread(server, len(connections)):
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
    after = await devices.executions()
    assert len(before) == 2
    for subscribers, executions in before.items():
        made = after[subscribers] - executions
        assert 3 <= made <= 4, "each minute there is a checkpoint too"


async def test_without_redis_a_message_is_late_and_then_at_once_again(
    devices: Devices, valkey: Valkey
) -> None:
    before = await devices.executions()
    await asyncio.to_thread(valkey.stop)
    try:
        assert max([await devices.lag("Is anybody there?") for _ in range(3)]) < LATE
    finally:
        await asyncio.to_thread(valkey.start)
    await asyncio.sleep(1)
    assert max([await devices.lag("And now?") for _ in range(4)]) < 1
    after = await devices.executions()
    assert all(7 <= after[subscribers] - before[subscribers] <= 8 for subscribers in before)


async def _spread(server: Server, subscribers: int) -> bool:
    """Return whether all are subscribed, and each of the two processes has some."""
    found: set[float] = set()
    for _ in range(10):
        found.add((await _metrics(server))["haat_subscribers"])
    return len(found) == 2 and min(found) > 1 and sum(found) == subscribers


async def _metrics(server: Server) -> dict[str, float]:
    """Return the metrics of whichever process accepts the connection."""
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        lines = (await http.get("/metrics")).text.splitlines()
    values = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in values}


def _token(chat: Chat, user: User) -> str:
    return chat.api.signed_in(user).headers["Authorization"].partition(" ")[2]

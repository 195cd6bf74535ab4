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
from tests.subscriptions.talking import PATIENCE, Talker
from tests.subscriptions.test_chat import IN_ONE

LATE = 3.0  # seconds, when only the sweep finds entries
MOST = 39  # followers until each process has some


@pytest.fixture(scope="module")
def server(
    settings: Settings, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(settings, valkey.url, log, workers=2) as server:
        yield server


@dataclass
class Crowd:
    """Both sides of a conversation, each on many devices, at two processes."""

    chat: Chat
    server: Server
    talkers: list[Talker]

    async def say(self, text: str) -> str:
        sent: str = (await self.chat.send(self.chat.customer, text))["id"]
        return sent

    async def hear(self, sent: list[str]) -> None:
        """All of them these, in this order and nothing else."""
        for talker in self.talkers:
            told = [await talker.change() for _ in sent]
            assert [one["message"]["id"] for one in told] == sent

    async def lag(self, text: str) -> float:
        """Seconds from the answer to its sender until everybody has a message."""
        sent = await self.say(text)
        answered = time.monotonic()
        await self.hear([sent])
        return time.monotonic() - answered

    async def executions(self) -> dict[float, float]:
        """Of each process that has followers, by how many it has."""
        found: dict[float, float] = {}
        async with asyncio.timeout(PATIENCE):
            while sum(found) < len(self.talkers):
                one = await _metrics(self.server)
                if one["haat_subscribers"]:
                    found[one["haat_subscribers"]] = one["haat_live_executions_total"]
        return found


@pytest.fixture
async def crowd(server: Server, world: World, keys: SigningKeys) -> AsyncIterator[Crowd]:
    """Connect an odd number of subscribers, so that the count identifies each process."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        chat = await Chat.open(world, Client(http, keys))
        talkers: list[Talker] = []
        while len(talkers) % 2 == 0 or not await _spread(server, len(talkers)):
            assert len(talkers) < MOST
            user = (chat.customer, chat.member)[len(talkers) % 2]
            talker = await stack.enter_async_context(
                Talker.connected(server.url, _token(chat, user))
            )
            await talker.subscribe(IN_ONE, {"id": chat.id})
            talkers.append(talker)
        yield Crowd(chat, server, talkers)


async def test_a_message_is_executed_once_in_each_process(crowd: Crowd) -> None:
    before = await crowd.executions()
    await crowd.hear([await crowd.say(text) for text in ("one", "two", "three")])
    after = await crowd.executions()
    assert len(before) == 2
    for followers, executions in before.items():
        made = after[followers] - executions
        assert 3 <= made <= 4, "each minute there is a checkpoint too"


async def test_without_redis_a_message_is_late_and_then_at_once_again(
    crowd: Crowd, valkey: Valkey
) -> None:
    before = await crowd.executions()
    await asyncio.to_thread(valkey.stop)
    try:
        assert max([await crowd.lag("Is anybody there?") for _ in range(3)]) < LATE
    finally:
        await asyncio.to_thread(valkey.start)
    await asyncio.sleep(1)
    assert max([await crowd.lag("And now?") for _ in range(4)]) < 1
    after = await crowd.executions()
    assert all(7 <= after[followers] - before[followers] <= 8 for followers in before)


async def _spread(server: Server, followers: int) -> bool:
    """Whether they follow, and each of the two processes has some."""
    found: set[float] = set()
    for _ in range(10):
        found.add((await _metrics(server))["haat_subscribers"])
    return len(found) == 2 and min(found) > 1 and sum(found) == followers


async def _metrics(server: Server) -> dict[str, float]:
    """Return the metrics of whichever process accepts the connection."""
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        lines = (await http.get("/metrics")).text.splitlines()
    told = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in told}


def _token(chat: Chat, user: User) -> str:
    return chat.api.signed_in(user).headers["Authorization"].partition(" ")[2]

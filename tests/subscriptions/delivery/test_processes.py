"""Several server processes, killed ones, and graceful shutdown."""

import asyncio
import os
import re
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from core.settings import HOME, Settings
from tests import servers
from tests.running import Server, serving
from tests.subscriptions.conftest import Shop
from tests.subscriptions.signals import signalled
from tests.subscriptions.subscription_client import SubscriptionClient

FILES = 200
MAX_ROUNDS = 24


async def test_commits_of_a_killed_process_are_published_by_the_others(
    shop: Shop, settings: Settings
) -> None:
    subscribers = [await shop.subscribe_vendor(), await shop.subscribe_voucher(transport="sse")]
    await asyncio.gather(*(subscriber.connected() for subscriber in subscribers))
    exiting = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("exit_after_commit.py")),
        settings.sqlalchemy_url,
        str(settings.keys_file),
        str(shop.vendor.id),
        str(shop.owner.id),
        shop.voucher.token,
        env=os.environ | {"PYTHONPATH": str(HOME)},
    )
    assert await exiting.wait() == 9
    for subscriber in subscribers:
        (change,) = await subscriber.received(1)
        assert change["redemption"]["outcome"] == "APPROVED"


async def test_changes_of_one_process_reach_subscribers_of_another(
    shop: Shop, settings: Settings, tmp_path: Path
) -> None:
    with serving(settings, servers.new_redis_url(), tmp_path / "log", workers=2) as server:
        there = shop.at(server)
        subscribers: list[SubscriptionClient] = []
        # The kernel may give every connection to one process, and a user has at most 20.
        for _ in range(MAX_ROUNDS):
            subscribers += [await there.subscribe_vendor() for _ in range(3)]
            await asyncio.gather(*(subscriber.connected() for subscriber in subscribers))
            if _is_spread(server):
                break
            if len(subscribers) > 15:
                await asyncio.gather(*(subscriber.stop() for subscriber in subscribers))
                subscribers.clear()
        else:
            pytest.fail("One process accepted every connection.")
        await signalled(lambda: there.lag(*subscribers))
        attempts = await shop.attempts()
        for subscriber in subscribers:
            assert [change["redemption"]["id"] for change in subscriber.changes] == attempts
        assert await asyncio.to_thread(server.end) < 10


def _is_spread(server: Server) -> bool:
    """Return whether both processes have sockets; one connection may be of an HTTP client."""
    counts = server.connections()
    return len(counts) == 2 and min(counts) > 1


async def test_a_process_has_more_sockets_than_it_was_allowed_files(
    settings: Settings, tmp_path: Path
) -> None:
    """Most systems limit a process to 1,024 files by default."""
    few = ("prlimit", f"--nofile={FILES}:4096")
    with serving(settings, servers.new_redis_url(), tmp_path / "log", under=few) as server:
        address = server.url.replace("http", "ws") + "/graphql"
        protocols = [Subprotocol("graphql-transport-ws")]
        async with AsyncExitStack() as stack:
            for _ in range(FILES):
                await stack.enter_async_context(connect(address, subprotocols=protocols))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_server_stops_on_sigterm(
    shop: Shop, settings: Settings, tmp_path: Path, number: int
) -> None:
    """Within ten seconds, with open streams; subscribers receive a retryable close code."""
    with serving(settings, servers.new_redis_url(), tmp_path / "log") as server:
        there = shop.at(server)
        subscribers = [await there.subscribe_vendor(), await there.subscribe_voucher()]
        streams = [await there.subscribe_vendor(transport="sse") for _ in range(3)]
        await there.redeem()
        for subscriber in (*subscribers, *streams):
            await subscriber.received(1)
        took = await asyncio.to_thread(server.end, number)
        assert took < 10
        for subscriber in subscribers:
            (closed,) = subscriber.of_type("closed")
            assert closed["code"] == 1012
            assert re.fullmatch(r"retry in \d\.\d s", closed["reason"])
            await subscriber.ended()
        for stream in streams:
            assert (await stream.ended())["type"] == "error"
        assert "Traceback" not in server.log.read_text()


async def test_subscribers_move_to_the_next_server_and_miss_nothing(
    shop: Shop, settings: Settings, tmp_path: Path
) -> None:
    """As in a rolling update, where the address stays and the process changes."""
    with serving(settings, servers.new_redis_url(), tmp_path / "first") as first:
        there = shop.at(first)
        how: dict[str, Any] = {"resume": True, "retry": 1000}
        subscribers = [
            await there.subscribe_vendor(transport=kind, **how) for kind in ("ws", "sse")
        ]
        await there.present()
        for subscriber in subscribers:
            await subscriber.received(1)
        await asyncio.to_thread(first.end, signal.SIGKILL)
        await shop.present()
        with serving(settings, servers.new_redis_url(), tmp_path / "second", port=first.port):
            await shop.present()
            attempts = await shop.attempts()
            for subscriber in subscribers:
                changes = await subscriber.received(3)
                assert [change["redemption"]["id"] for change in changes] == attempts

"""Several server processes, killed ones, and graceful shutdown."""

import asyncio
import os
import re
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from core.settings import HOME, Settings
from tests import servers
from tests.running import serving
from tests.subscriptions.conftest import Shop
from tests.subscriptions.follower import SubscriptionClient

FILES = 200


async def test_what_a_dead_process_committed_is_told_by_the_others(
    shop: Shop, settings: Settings
) -> None:
    followers = [await shop.at_the_till(), await shop.of_the_voucher(transport="sse")]
    await asyncio.gather(*(follower.connected() for follower in followers))
    dying = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("dying.py")),
        settings.sqlalchemy_url,
        str(settings.keys_file),
        str(shop.vendor.id),
        str(shop.owner.id),
        shop.voucher.token,
        env=os.environ | {"PYTHONPATH": str(HOME)},
    )
    assert await dying.wait() == 9
    died = time.time()
    for follower in followers:
        (change,) = await follower.saw(1)
        assert change["redemption"]["outcome"] == "APPROVED"
        assert follower.of_type("next")[0]["at"] - died < 3


async def test_what_one_process_does_reaches_the_followers_of_another(
    shop: Shop, settings: Settings, tmp_path: Path
) -> None:
    with serving(settings, servers.redis_url(), tmp_path / "log", workers=2) as server:
        there = shop.at(server)
        followers: list[SubscriptionClient] = []
        while not await _spread(there, len(followers)):
            assert len(followers) < 20
            followers += [await there.at_the_till() for _ in range(3)]
            await asyncio.gather(*(follower.connected() for follower in followers))
        lags = [await shop.at(server).lag(followers[0]) for _ in range(6)]
        assert max(lags) < 0.5
        attempts = await shop.attempts()
        for follower in followers:
            changes = await follower.saw(6)
            assert [change["redemption"]["id"] for change in changes] == attempts
            assert follower.of_type("next")[-1]["at"] - followers[0].of_type("next")[-1]["at"] < 0.5
        assert await asyncio.to_thread(server.end) < 10


async def _spread(shop: Shop, followers: int) -> bool:
    """Return whether this of the two processes, by its metrics, has some sockets and not all."""
    told = set()
    for _ in range(10 if followers else 0):
        lines = (await shop.at_once("/metrics")).splitlines()
        told |= {float(line.split()[1]) for line in lines if line.startswith("haat_sockets ")}
    return any(0 < sockets < followers for sockets in told)


async def test_a_process_has_more_sockets_than_it_was_allowed_files(
    settings: Settings, tmp_path: Path
) -> None:
    """Most systems allow 1,024 until more are asked for."""
    few = ("prlimit", f"--nofile={FILES}:4096")
    with serving(settings, servers.redis_url(), tmp_path / "log", under=few) as server:
        address = server.url.replace("http", "ws") + "/graphql"
        protocols = [Subprotocol("graphql-transport-ws")]
        async with AsyncExitStack() as stack:
            for _ in range(FILES):
                await stack.enter_async_context(connect(address, subprotocols=protocols))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_server_that_is_told_to_stop_does(
    shop: Shop, settings: Settings, tmp_path: Path, number: int
) -> None:
    """Within ten seconds, whatever is open; its followers know that they may come back."""
    with serving(settings, servers.redis_url(), tmp_path / "log") as server:
        there = shop.at(server)
        followers = [await there.at_the_till(), await there.of_the_voucher()]
        streams = [await there.at_the_till(transport="sse") for _ in range(3)]
        await there.redeem()
        for follower in (*followers, *streams):
            await follower.saw(1)
        took = await asyncio.to_thread(server.end, number)
        assert took < 10
        for follower in followers:
            (closed,) = follower.of_type("closed")
            assert closed["code"] == 1012
            assert re.fullmatch(r"retry in \d\.\d s", closed["reason"])
            await follower.ended()
        for stream in streams:
            assert (await stream.ended())["type"] == "error"
        assert "Traceback" not in server.log.read_text()


async def test_followers_move_to_the_next_server_and_miss_nothing(
    shop: Shop, settings: Settings, tmp_path: Path
) -> None:
    """As in a rolling update, where the address stays and the process changes."""
    with serving(settings, servers.redis_url(), tmp_path / "first") as first:
        there = shop.at(first)
        how: dict[str, Any] = {"resume": True, "retry": 1000}
        followers = [await there.at_the_till(transport=kind, **how) for kind in ("ws", "sse")]
        await there.present()
        for follower in followers:
            await follower.saw(1)
        await asyncio.to_thread(first.end, signal.SIGKILL)
        await shop.present()
        with serving(settings, servers.redis_url(), tmp_path / "second", port=first.port):
            await shop.present()
            attempts = await shop.attempts()
            for follower in followers:
                changes = await follower.saw(3)
                assert [change["redemption"]["id"] for change in changes] == attempts

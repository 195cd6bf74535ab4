"""`python -m benchmarks.live`: followers of one conversation, beside a server of Node's parts."""

import asyncio
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import uvloop
from redis.asyncio import Redis
from rich.console import Console

from benchmarks import live_report
from benchmarks.live_house import CLIENT_CORE, Server, Town, Writer, migrated, settle, started
from benchmarks.live_sockets import Crowd
from benchmarks.tally import Failed
from core.database import Database
from core.embedded import Servers, servers
from core.pubsub import PubSub
from core.settings import HOME
from core.signing_keys import SigningKeys
from services.transaction import Transactions
from tests import npm

FOLLOWERS = (1000, 5000)
TURNS = ("haat", "node", "node", "haat")
CHANGES, WARMING = 15, 3
FULL_SECONDS = 5.0
AHEAD = 8  # changes under way at saturation
PATIENCE_SECONDS = 240
LIMIT_SECONDS = 1200

console = Console()


@dataclass
class Figures:
    """Of one server with so many followers. Times: milliseconds from the commit to the last."""

    name: str
    followers: int
    connects: float
    kibibytes: float
    times: list[float]
    rate: float
    cpu: float
    lost: int


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # and with it what was started
    signal.alarm(LIMIT_SECONDS)
    load = os.getloadavg()[0]
    npm.install(HOME / "benchmarks/node")
    os.sched_setaffinity(0, {CLIENT_CORE})  # and so PostgreSQL and Valkey, which come from here
    with tempfile.TemporaryDirectory(prefix="haat-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
        with servers(folder) as running:
            found = _measured(folder, running)
    live_report.show(console, found)
    live_report.write(HOME / "docs/performance.md", found, load)


def _measured(folder: Path, running: Servers) -> list[Figures]:
    keys = migrated(folder, running)
    found = []
    console.print(f"Making a vendor with {max(FOLLOWERS):,} members ...")
    town = uvloop.run(_settled(running, keys))
    for followers in FOLLOWERS:
        for name in TURNS:
            console.print(f"{name}, {followers:,} followers ...", highlight=False)
            with started(name, folder, running) as server:
                found.append(uvloop.run(_measure(server, running, town, followers)))
    return found


async def _settled(running: Servers, keys: SigningKeys) -> Town:
    database = Database(_asyncpg(running.database_url))
    try:
        return await settle(database, keys, max(FOLLOWERS))
    finally:
        await database.close()


async def _measure(server: Server, running: Servers, town: Town, followers: int) -> Figures:
    database, pubsub = Database(_asyncpg(running.database_url)), PubSub(running.redis_url)
    redis: Redis = Redis.from_url(running.redis_url)
    crowd = Crowd(server.port, town.id)
    writer = Writer(town, Transactions(database, pubsub), redis)
    await pubsub.start()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            before, began = server.kibibytes(), perf_counter()
            await crowd.connect(town.tokens[:followers])
            await server.until_followed_by(crowd)
            connects = followers / (perf_counter() - began)
            await server.until_at_rest()
            times = [await _once(server, writer, crowd) for _ in range(WARMING + CHANGES)]
            memory = (server.kibibytes() - before) / followers
            rate, cpu = await _full(server, writer, crowd)
        if b'"MessageSent"' not in crowd.sample:
            raise Failed(f"{server.name} told something else: {crowd.sample[:300]!r}")
        return Figures(
            server.name, followers, connects, memory, times[WARMING:], rate, cpu, crowd.lost
        )
    finally:
        crowd.close()
        await pubsub.stop()
        await redis.aclose()
        await database.close()


async def _once(server: Server, writer: Writer, crowd: Crowd) -> float:
    """One change, from its commit until everybody has it."""
    everybody = crowd.expect(len(crowd.members))
    whole = await writer.write()
    committed = perf_counter()
    if server.name == "node":
        await writer.redis.publish("changes", whole)
    return (await everybody - committed) * 1000


async def _full(server: Server, writer: Writer, crowd: Crowd) -> tuple[float, float]:
    """Changes delivered in a second when the next are always under way, and the server's CPU."""
    began, used, before, rounds = perf_counter(), server.cpu(), crowd.delivered, 0
    while perf_counter() - began < FULL_SECONDS:
        everybody = crowd.expect(AHEAD * len(crowd.members))
        for _ in range(AHEAD):
            whole = await writer.write()
            if server.name == "node":
                await writer.redis.publish("changes", whole)
        await everybody
        rounds += 1
    seconds = perf_counter() - began
    return (crowd.delivered - before) / seconds, (server.cpu() - used) / seconds


def _asyncpg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)

"""`python -m benchmarks.live`: subscribers of one conversation, compared with a Node server."""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import uvloop
from redis.asyncio import Redis
from rich.console import Console

from benchmarks.live import report
from benchmarks.live.measurement import LiveMeasurement
from benchmarks.live.server import (
    CLIENT_CORE,
    LiveFixture,
    LiveServer,
    MessageWriter,
    create_fixture,
    migrate,
    start_live_server,
)
from benchmarks.live.sockets import SubscriberPool
from benchmarks.load.results import BenchmarkError
from core.database import JOB_STATEMENT_SECONDS, Database
from core.redis.pubsub import PubSub
from core.runtime.embedded import Servers, servers
from core.security.signing_keys import SigningKeys
from core.settings import HOME
from services.transaction import Transactions
from tests import npm

SUBSCRIBERS = (1000, 5000)
TURNS = ("haat", "node", "node", "haat")  # so that a steady drift affects both equally
CHANGES, WARMUP_CHANGES = 15, 3
SATURATION_SECONDS = 5.0
MAX_CHANGES_IN_FLIGHT = 8  # at saturation
TIMEOUT_SECONDS = 240
LIMIT_SECONDS = 1200
QUERY = """subscription ($id: ID!) {
  conversationChanges(conversationId: $id) {
    __typename
    ... on MessageSent { cursor message { id sequence text sender { id } } }
  }
}"""

console = Console()


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGALRM):
        # sys.exit() unwinds the context managers, which stop the started servers.
        signal.signal(number, lambda *_: sys.exit("Stopped."))
    signal.alarm(LIMIT_SECONDS)
    load = os.getloadavg()[0]
    npm.install(HOME / "benchmarks/node")
    os.sched_setaffinity(0, {CLIENT_CORE})  # inherited by PostgreSQL and Valkey
    with tempfile.TemporaryDirectory(prefix="haat-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user if we are root
        with servers(folder) as running:
            measurements = _measure_all(folder, running)
    report.show(console, measurements)
    report.write(HOME / "docs/performance.md", measurements, load)


def _measure_all(folder: Path, running: Servers) -> list[LiveMeasurement]:
    keys = migrate(folder, running)
    measurements = []
    console.print(f"Inserting a vendor with {max(SUBSCRIBERS):,} members ...")
    fixture = uvloop.run(_create_fixture(running, keys))
    for subscribers in SUBSCRIBERS:
        for name in TURNS:
            console.print(f"{name}, {subscribers:,} subscribers ...", highlight=False)
            with start_live_server(name, folder, running) as server:
                measurements.append(uvloop.run(_measure(server, running, fixture, subscribers)))
    return measurements


def _database(running: Servers) -> Database:
    url = _asyncpg(running.database_url)
    return Database(url, statement_seconds=JOB_STATEMENT_SECONDS)


async def _create_fixture(running: Servers, keys: SigningKeys) -> LiveFixture:
    database = _database(running)
    try:
        return await create_fixture(database, keys, max(SUBSCRIBERS))
    finally:
        await database.close()


async def _measure(
    server: LiveServer, running: Servers, fixture: LiveFixture, subscribers: int
) -> LiveMeasurement:
    database, pubsub = _database(running), PubSub(running.redis_url)
    redis: Redis = Redis.from_url(running.redis_url)
    pool = SubscriberPool(server.port, QUERY, {"id": fixture.conversation_gid})
    writer = MessageWriter(fixture, Transactions(database, pubsub), redis)
    await pubsub.start()
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            before, began = server.kibibytes(), perf_counter()
            await pool.connect(fixture.tokens[:subscribers])
            await server.wait_until_subscribed(pool)
            connects = subscribers / (perf_counter() - began)
            await server.wait_until_idle()
            changes = WARMUP_CHANGES + CHANGES
            latencies = [await _measure_latency(server, writer, pool) for _ in range(changes)]
            memory = (server.kibibytes() - before) / subscribers
            rate, cpu = await _measure_saturation(server, writer, pool)
        if b'"MessageSent"' not in pool.sample:
            raise BenchmarkError(f"{server.name} sent an unexpected message: {pool.sample[:300]!r}")
        return LiveMeasurement(
            server=server.name,
            subscribers=subscribers,
            connects=connects,
            kibibytes=memory,
            latencies=latencies[WARMUP_CHANGES:],
            rate=rate,
            cpu=cpu,
            lost=pool.lost,
        )
    finally:
        pool.close()
        await pubsub.stop()
        await redis.aclose()
        await database.close()


async def _measure_latency(
    server: LiveServer, writer: MessageWriter, pool: SubscriberPool
) -> float:
    """Return milliseconds from a commit until all subscribers have the change."""
    all_delivered = pool.expect(len(pool.sockets))
    event = await writer.write()
    committed = perf_counter()
    if server.name == "node":
        await writer.redis.publish("changes", event)
    return (await all_delivered - committed) * 1000


async def _measure_saturation(
    server: LiveServer, writer: MessageWriter, pool: SubscriberPool
) -> tuple[float, float]:
    """Return deliveries per second and the CPU share, with 8 changes in flight."""
    began, used, before = perf_counter(), server.cpu_seconds(), pool.delivered
    while perf_counter() - began < SATURATION_SECONDS:
        all_delivered = pool.expect(MAX_CHANGES_IN_FLIGHT * len(pool.sockets))
        for _ in range(MAX_CHANGES_IN_FLIGHT):
            event = await writer.write()
            if server.name == "node":
                await writer.redis.publish("changes", event)
        await all_delivered
    seconds = perf_counter() - began
    return (pool.delivered - before) / seconds, (server.cpu_seconds() - used) / seconds


def _asyncpg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)

"""Followers of a sale queue, each with a socket of its own."""

import asyncio
from time import perf_counter
from typing import Any

from sqlmodel import select

from benchmarks.events.scene import EventScene
from benchmarks.live.server import LiveServer
from benchmarks.live.sockets import SubscriberPool
from benchmarks.load.results import BenchmarkError
from benchmarks.server import BenchmarkServer
from core.database import for_change
from core.redis.pubsub import PubSub
from models.events.selling.sale_queue import SaleQueue
from services.events.sale_queue.managing import announce_queue
from services.transaction import Transactions

CHANGES, WARM_UP_CHANGES = 15, 3
PAUSE_SECONDS = 0.2
TIMEOUT_SECONDS = 240
QUERY = """subscription ($id: ID!) {
  saleQueueChanges(eventId: $id) { cursor saleQueue { id state serving waiting pace } }
}"""


async def measure_followers(
    server: BenchmarkServer, scene: EventScene, event_gid: str, tokens: list[str]
) -> list[float]:
    """Return milliseconds from a commit until all followers have the change."""
    port = server.settings.port
    live = LiveServer("haat", server.process, port)
    pool = SubscriberPool(port, QUERY, {"id": event_gid})
    pubsub = PubSub(server.environment["REDIS_URL"])
    transactions = Transactions(scene.world.database, pubsub)
    await pubsub.start()
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await pool.connect(tokens)
            await live.wait_until_subscribed(pool)
            await live.wait_until_idle()
            found = [
                await _serve(scene, transactions, pool) for _ in range(WARM_UP_CHANGES + CHANGES)
            ]
    finally:
        pool.close()
        await pubsub.stop()
    if pool.lost or b'"serving"' not in pool.sample:
        raise BenchmarkError(f"{pool.lost} followers were lost: {pool.sample[:300]!r}")
    return found[WARM_UP_CHANGES:]


async def _serve(scene: EventScene, transactions: Any, pool: SubscriberPool) -> float:
    """Call one more user of the queue, as the job does once a second."""
    await asyncio.sleep(PAUSE_SECONDS)
    all_delivered = pool.expect(len(pool.sockets))
    async with transactions.begin() as session:
        rows = select(SaleQueue).where(SaleQueue.id == scene.queue.id)
        queue = (await session.exec(for_change(rows))).one()
        queue.serving += 1
        announce_queue(session, queue)
    committed = perf_counter()
    return (await all_delivered - committed) * 1000

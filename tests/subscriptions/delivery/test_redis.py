"""Redis stops and restarts under live subscribers: a change may be late, but is never lost."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from core.settings import Settings
from tests.processes import paused
from tests.running import Server, Valkey, serving
from tests.subscriptions.conftest import Shop
from tests.subscriptions.signals import signalled

PATIENCE_SECONDS = 10


@pytest.fixture(scope="module")
def server(
    settings: Settings, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with serving(settings, valkey.url, tmp_path_factory.mktemp("server") / "log") as server:
        yield server


async def test_a_restart_loses_and_doubles_nothing(shop: Shop, valkey: Valkey) -> None:
    subscribers = [await shop.subscribe_vendor(transport=kind) for kind in ("ws", "sse")]
    await asyncio.gather(*(subscriber.connected() for subscriber in subscribers))
    selling = asyncio.create_task(_sell(shop, 60))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(valkey.restart)
    await asyncio.sleep(0.3)
    await asyncio.to_thread(valkey.restart)
    await selling
    for subscriber in subscribers:
        changes = await subscriber.received(60)
        ids = [change["redemption"]["id"] for change in changes]
        assert ids == await shop.attempts()
        assert len(subscriber.of_type("connected")) == 1, "they never noticed"


async def subscribed(valkey: Valkey, *topics: str) -> None:
    """Wait until the server has subscribed to topics."""
    async with Redis.from_url(valkey.url) as redis, asyncio.timeout(PATIENCE_SECONDS):
        wanted = {topic.encode() for topic in topics}
        while not wanted <= {*await redis.pubsub_channels()}:  # noqa: ASYNC110 - nothing to wait on
            await asyncio.sleep(0.01)


async def test_without_redis_a_change_is_late_and_then_at_once_again(
    shop: Shop, valkey: Valkey, record_property: Callable[[str, object], None]
) -> None:
    subscriber = await shop.subscribe_vendor()
    await shop.present()
    await subscriber.received(1)
    began = time.monotonic()
    await shop.present()
    quiet = time.monotonic() - began
    await asyncio.to_thread(valkey.stop)
    began = time.monotonic()
    await shop.present()
    assert time.monotonic() - began < 5 + 10 * quiet, "the till itself is not held up"
    await subscriber.received(3)
    record_property("without_redis", max([await shop.lag(subscriber) for _ in range(3)]))
    newcomer = await shop.subscribe_vendor()
    await shop.lag(newcomer)
    await asyncio.to_thread(valkey.start)
    record_property("first_after_its_return", await shop.lag(subscriber))
    record_property("then", await signalled(lambda: shop.lag(subscriber, newcomer)))
    attempts = await shop.attempts()
    ids = [change["redemption"]["id"] for change in await subscriber.received(len(attempts))]
    assert ids == attempts


async def test_a_redis_that_hangs_delays_no_caller(shop: Shop, valkey: Valkey) -> None:
    subscriber = await shop.subscribe_vendor()
    await shop.present()
    await subscriber.received(1)
    with paused(valkey.pid):
        await shop.lag(subscriber)
    await signalled(lambda: shop.lag(subscriber))


async def test_subscribers_join_and_leave_while_redis_is_down(shop: Shop, valkey: Valkey) -> None:
    """The one connection to Redis is reconnected while others subscribe over it."""
    staying = await shop.subscribe_vendor()
    await shop.present()
    await staying.received(1)
    await asyncio.to_thread(valkey.stop)
    coming = [await shop.subscribe_voucher(transport=kind) for kind in ("ws", "sse", "ws")]
    await asyncio.gather(*(subscriber.connected() for subscriber in coming))
    await coming.pop().stop()
    await asyncio.sleep(1.5)
    await asyncio.to_thread(valkey.start)
    await subscribed(valkey, shop.topic, shop.customer_topic)
    seen = len(staying.changes)
    await shop.redeem()
    await staying.received(seen + 1)
    for subscriber in coming:
        await subscriber.until(lambda one: one.of_type("next"))


async def test_a_server_can_start_before_its_redis(
    shop: Shop, settings: Settings, valkey: Valkey, tmp_path: Path
) -> None:
    await asyncio.to_thread(valkey.stop)
    with serving(settings, valkey.url, tmp_path / "early") as early:
        at_early = shop.at(early)
        subscriber = await at_early.subscribe_vendor()
        await at_early.lag(subscriber)
        await asyncio.to_thread(valkey.start)
        await signalled(lambda: at_early.lag(subscriber))


async def _sell(shop: Shop, times: int) -> None:
    for _ in range(times):
        await shop.present()
        await asyncio.sleep(0.02)

"""Publish and subscribe."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from core.redis.pubsub import PubSub, RedisBackend
from core.settings import Settings


@pytest.mark.parametrize("turns", range(12))
async def test_pubsub_can_be_stopped_during_a_publish(settings: Settings, turns: int) -> None:
    pubsub = PubSub(settings.redis)
    await pubsub.start()
    pubsub.publish({"user:0": 1})
    await asyncio.sleep(0.02)
    pubsub.publish({"user:1": 1, "user:2": 1})
    for _ in range(turns):
        await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await pubsub.stop()


async def test_a_rush_is_published_together(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    async def publish_all(_: RedisBackend, grown: Mapping[str, Any]) -> None:
        sent.put_nowait(grown)

    monkeypatch.setattr(RedisBackend, "publish_all", publish_all)
    monkeypatch.setattr("core.redis.pubsub.PAUSE_SECONDS", 0.05)
    pubsub = PubSub(settings.redis)
    await pubsub.start()
    for number in range(1, 6):
        pubsub.publish({"vendor:1": number, f"user:{number}": 1})
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    async with asyncio.timeout(3):
        assert await sent.get() == {"vendor:1": 1, "user:1": 1}
        later = {f"user:{number}": 1 for number in range(2, 6)}
        assert await sent.get() == {"vendor:1": 5} | later
    await pubsub.stop()

"""Publish and subscribe."""

import asyncio

import pytest

from core.redis.pubsub import PubSub
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

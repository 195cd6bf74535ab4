"""Attempts are allowed while Redis hangs, with little delay."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from core.limits.attempt_limits import AttemptLimiter
from core.redis_timeouts import REDIS_TIMEOUT_SECONDS


@pytest.fixture
async def hanging_redis() -> AsyncIterator[str]:
    """Yield the URL of a server that accepts connections and never replies."""

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the client gives up
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"redis://127.0.0.1:{port}/0"
    server.close()


async def test_a_redis_that_hangs_delays_attempts_only_briefly(hanging_redis: str) -> None:
    limiter = AttemptLimiter(hanging_redis, allowed=1)
    started = time.monotonic()
    await limiter.ensure_allowed("account", "address")
    await limiter.count("account", "address")
    assert time.monotonic() - started < 4 * REDIS_TIMEOUT_SECONDS

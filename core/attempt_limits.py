"""Counted attempts in Redis, by the `limits` library."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from core.errors import TooManyRequests
from core.keyed_semaphore import KeyedSemaphore

log = structlog.get_logger(__name__)


class AttemptLimiter:
    """At most `allowed` attempts in 15 minutes for each key.

    With Redis down attempts pass: a shop must be able to open without it.
    """

    def __init__(self, redis_url: str, allowed: int) -> None:
        self._storage = RedisStorage(f"async+{redis_url}", implementation="redispy")
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._item: RateLimitItem = parse(f"{allowed} per 15 minutes")
        self._gates = KeyedSemaphore()

    @asynccontextmanager
    async def few_at_once(self, *keys: str) -> AsyncIterator[None]:
        """Four attempts per key at a time: many made at once are counted before the next begins."""
        async with AsyncExitStack() as stack:
            for key in keys:
                await stack.enter_async_context(self._gates.acquire(key))
            yield

    async def ensure_allowed(self, *keys: str) -> None:
        """`TooManyRequests` if any of the keys has none left. Counts nothing."""
        for key in keys:
            try:
                allowed = await self._limiter.test(self._item, key)
                window = None if allowed else await self._limiter.get_window_stats(self._item, key)
            except (RedisError, OSError) as error:
                log.warning("limits.unavailable", error=str(error))
                return
            if window:
                raise TooManyRequests(max(1, int(window.reset_time - time.time())))

    async def count(self, *keys: str) -> None:
        for key in keys:
            try:
                await self._limiter.hit(self._item, key)
            except (RedisError, OSError) as error:
                log.warning("limits.unavailable", error=str(error))
                return

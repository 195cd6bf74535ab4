"""Rate limits for failed attempts, such as log-ins, counted in Redis."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from core.errors import TooManyRequests
from core.limits.keyed_semaphore import KeyedSemaphore
from core.redis_timeouts import REDIS_TIMEOUTS

log = structlog.get_logger(__name__)


class AttemptLimiter:
    """Allows `allowed` attempts per key in 15 minutes.

    If Redis is down or hangs, every attempt is allowed: log-in must work without it.
    """

    def __init__(self, redis_url: str, allowed: int) -> None:
        self._storage = RedisStorage(
            f"async+{redis_url}", implementation="redispy", **REDIS_TIMEOUTS
        )
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._item: RateLimitItem = parse(f"{allowed} per 15 minutes")
        self._semaphore = KeyedSemaphore()

    @asynccontextmanager
    async def limit_concurrency(self, *keys: str) -> AsyncIterator[None]:
        """Run at most four attempts per key at a time, so that they are counted one after another.

        Otherwise hundreds of simultaneous attempts would pass before the first one is counted.
        """
        async with AsyncExitStack() as stack:
            for key in keys:
                await stack.enter_async_context(self._semaphore.acquire(key))
            yield

    async def ensure_allowed(self, *keys: str) -> None:
        """Raise `TooManyRequests` if a key has no attempts left. Does not count an attempt."""
        for key in keys:
            try:
                allowed = await self._limiter.test(self._item, key)
                window = None if allowed else await self._limiter.get_window_stats(self._item, key)
            except (RedisError, OSError) as error:
                log.warning("attempt_limits.unavailable", error=str(error))
                return
            if window:
                raise TooManyRequests(max(1, int(window.reset_time - time.time())))

    async def count(self, *keys: str) -> None:
        for key in keys:
            try:
                await self._limiter.hit(self._item, key)
            except (RedisError, OSError) as error:
                log.warning("attempt_limits.unavailable", error=str(error))
                return

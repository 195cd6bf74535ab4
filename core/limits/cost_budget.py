"""Rate limit by query cost: a leaky bucket in Redis, in one round trip.

The `limits` library has windows, but no bucket that is charged by weight.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.clock import now
from core.redis_timeouts import REDIS_TIMEOUTS

log = structlog.get_logger(__name__)

# Uses the clock of Redis, so that processes with different clocks can share a bucket.
CHARGE_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local capacity, leak, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local held = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = math.max(0, (tonumber(held[1]) or 0) - (now - (tonumber(held[2]) or now)) * leak)
local fits = level + cost <= capacity
if fits then level = level + cost end
redis.call('HSET', KEYS[1], 'level', tostring(level), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(capacity / leak) + 1)
return { fits and 1 or 0, tostring(level) }
"""


@dataclass(frozen=True)
class TokenBucket:
    """The size of a bucket in points, and the points that it regains per second."""

    capacity: int
    leak_per_second: int


@dataclass(frozen=True)
class Charge:
    """The result of a charge. At `reset_at` the bucket is full again."""

    allowed: bool
    remaining: int
    reset_at: datetime


class CostBudget:
    """Charges callers for their operations. If Redis is down, every charge is allowed."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, **REDIS_TIMEOUTS)
        self._script = self._redis.register_script(CHARGE_SCRIPT)

    async def charge(self, caller: str, bucket: TokenBucket, cost: int) -> Charge:
        """Take `cost` points from the caller's bucket, or none if fewer are left."""
        try:
            allowed, level = await self._script(
                keys=[f"haat:budget:{caller}"], args=[bucket.capacity, bucket.leak_per_second, cost]
            )
        except (RedisError, OSError) as error:
            log.warning("cost_budget.unavailable", error=str(error))
            return Charge(allowed=True, remaining=bucket.capacity, reset_at=now())
        used = float(level)
        return Charge(
            allowed=bool(allowed),
            remaining=int(bucket.capacity - used),
            reset_at=datetime.now(UTC) + timedelta(seconds=used / bucket.leak_per_second),
        )

    async def close(self) -> None:
        await self._redis.aclose()

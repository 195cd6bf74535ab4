"""How much a caller may ask for: a leaky bucket in Redis, one script, one round trip.

`limits` has windows but no bucket that is charged by weight, hence ours.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.clock import now

log = structlog.get_logger(__name__)

# Time is Redis's own, so that processes with different clocks share a bucket.
CHARGE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local room, leak, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local held = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = math.max(0, (tonumber(held[1]) or 0) - (now - (tonumber(held[2]) or now)) * leak)
local fits = level + cost <= room
if fits then level = level + cost end
redis.call('HSET', KEYS[1], 'level', tostring(level), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(room / leak) + 1)
return { fits and 1 or 0, tostring(level) }
"""


@dataclass(frozen=True)
class TokenBucket:
    """Holds `room` points and leaks `leak` of them a second."""

    room: int
    leak: int


@dataclass(frozen=True)
class Charge:
    """Whether the points fitted, how many are left, and when the bucket will be empty again."""

    fits: bool
    remaining: int
    reset_at: datetime


class CostBudget:
    """With Redis down everything fits: a shop must be able to open without it."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_timeout=0.5, socket_connect_timeout=0.5)
        self._script = self._redis.register_script(CHARGE)

    async def charge(self, caller: str, bucket: TokenBucket, cost: int) -> Charge:
        """Take points from the caller's bucket, or none if they do not fit."""
        try:
            fits, level = await self._script(
                keys=[f"haat:budget:{caller}"], args=[bucket.room, bucket.leak, cost]
            )
        except (RedisError, OSError) as error:
            log.warning("budget.unavailable", error=str(error))
            return Charge(fits=True, remaining=bucket.room, reset_at=now())
        held = float(level)
        return Charge(
            fits=bool(fits),
            remaining=int(bucket.room - held),
            reset_at=datetime.now(UTC) + timedelta(seconds=held / bucket.leak),
        )

    async def close(self) -> None:
        await self._redis.aclose()

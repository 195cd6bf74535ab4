"""Rate limits: leaky buckets in Redis, and in the process while Redis is away.

The `limits` library has windows, but no bucket that is charged by weight, asks Redis once per key,
and its storage in memory has no bound.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.circuit_breaker import CircuitBreaker
from core.limits.buckets import Buckets, Charge, LocalBuckets
from core.limits.charge_batches import ChargeBatches
from core.outages import REDIS_ERRORS
from core.redis.timeouts import REDIS_TIMEOUTS, RedisAllowance

Debt = tuple[Buckets, int]
"""Buckets that are charged together, and the cost."""

# Uses the clock of Redis, so that processes with different clocks can share a bucket. Charges all
# keys or none, in one step, so that parallel attempts cannot all pass before one is counted.
CHARGE_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local cost, wait, levels = tonumber(ARGV[1]), 0, {}
for at, key in ipairs(KEYS) do
  local capacity, leak = tonumber(ARGV[2 * at]), tonumber(ARGV[2 * at + 1])
  local held = redis.call('HMGET', key, 'level', 'at')
  local level = (tonumber(held[1]) or 0) - math.max(0, now - (tonumber(held[2]) or now)) * leak
  levels[at] = math.max(0, level)
  if cost >= 0 then wait = math.max(wait, (levels[at] + cost - capacity) / leak) end
end
for at, key in ipairs(KEYS) do
  local capacity, leak = tonumber(ARGV[2 * at]), tonumber(ARGV[2 * at + 1])
  if wait == 0 then levels[at] = math.max(0, levels[at] + cost) end
  redis.call('HSET', key, 'level', tostring(levels[at]), 'at', string.format('%.6f', now))
  redis.call('EXPIRE', key, math.ceil(math.max(capacity, levels[at]) / leak) + 1)
  levels[at] = tostring(levels[at])
end
return { tostring(wait), unpack(levels) }
"""


class RateLimits:
    """Charges what callers do to buckets, which all processes share in Redis.

    What Redis allows is also counted in the process, so its buckets are warm when Redis fails or
    hangs. While the circuit is open, they have half of the size: with two processes as much is
    allowed as before, with more of them more. One request waits 100 ms in total, and three that
    waited in vain open the circuit for five seconds.
    """

    def __init__(self, redis_url: str) -> None:
        # One retry at once, for a connection that Redis has closed since. The default waits.
        retry = Retry(NoBackoff(), 1)
        self._redis = Redis.from_url(redis_url, retry=retry, **REDIS_TIMEOUTS)
        self._batches = ChargeBatches(self._redis, CHARGE_SCRIPT)
        self._breaker = CircuitBreaker("limits", *REDIS_ERRORS)
        self._local = LocalBuckets()

    async def charge(self, charged: Buckets, cost: int, allowance: RedisAllowance) -> Charge:
        """Charge all buckets, or none if one of them is too full."""
        try:
            charge = await self._charge_in_redis(charged, cost, allowance)
        except REDIS_ERRORS:
            return self._charge_here(charged, cost)
        if charge.allowed:
            self._local.record(charged, cost)
        return charge

    async def charge_each(self, debts: Sequence[Debt], allowance: RedisAllowance) -> list[Charge]:
        """Make several charges, whatever becomes of the others, in one round trip."""
        try:
            charges = await self._charge_each_in_redis(debts, allowance)
        except REDIS_ERRORS:
            return [self._charge_here(charged, cost) for charged, cost in debts]
        for (charged, cost), charge in zip(debts, charges, strict=True):
            if charge.allowed:
                self._local.record(charged, cost)
        return charges

    async def refund(self, charged: Buckets, cost: int, allowance: RedisAllowance) -> None:
        """Take a charge back, such as that of an attempt that succeeded."""
        await self.charge(charged, -cost, allowance)

    @asynccontextmanager
    async def charged(self, charged: Buckets, allowance: RedisAllowance) -> AsyncIterator[None]:
        """Charge 1 for the block, and refund it if the block fails. Raises `TooManyRequests`."""
        (await self.charge(charged, 1, allowance)).ensure_allowed()
        try:
            yield
        except Exception:
            await self.refund(charged, 1, allowance)
            raise

    @asynccontextmanager
    async def charged_for(
        self, failure: type[Exception], charged: Buckets, allowance: RedisAllowance
    ) -> AsyncIterator[None]:
        """Charge 1 for the block, and refund it unless the block raises this failure.

        Raises `TooManyRequests`. Charged before, so that parallel failures cannot all pass.
        """
        (await self.charge(charged, 1, allowance)).ensure_allowed()
        try:
            yield
        except failure:
            raise
        except Exception:
            await self.refund(charged, 1, allowance)
            raise
        await self.refund(charged, 1, allowance)

    async def close(self) -> None:
        await self._redis.aclose()

    def _charge_here(self, charged: Buckets, cost: int) -> Charge:
        if not self._breaker.open:
            return self._local.charge(charged, cost)
        halves = {key: bucket.halved for key, bucket in charged.items()}
        return self._local.charge(halves, cost)

    async def _charge_in_redis(
        self, charged: Buckets, cost: int, allowance: RedisAllowance
    ) -> Charge:
        _ensure_left(allowance)
        async with self._breaker:
            reply = await allowance.spend(self._ask(charged, cost))
        return _charge_of(charged, reply)

    async def _charge_each_in_redis(
        self, debts: Sequence[Debt], allowance: RedisAllowance
    ) -> list[Charge]:
        _ensure_left(allowance)
        async with self._breaker:
            asked = [self._ask(charged, cost) for charged, cost in debts]
            replies = await allowance.spend(asyncio.gather(*asked))
        return [
            _charge_of(charged, reply) for (charged, _), reply in zip(debts, replies, strict=True)
        ]

    def _ask(self, charged: Buckets, cost: int) -> asyncio.Future[list[bytes]]:
        sizes = [size for one in charged.values() for size in (one.capacity, one.leak_per_second)]
        return self._batches.charge([f"haat:limit:{key}" for key in charged], [cost, *sizes])


def _ensure_left(allowance: RedisAllowance) -> None:
    if allowance.spent:
        raise TimeoutError("This request has waited for Redis long enough.")


def _charge_of(charged: Buckets, reply: Sequence[bytes]) -> Charge:
    wait, *levels = reply
    return Charge.of(list(charged.values()), [float(level) for level in levels], float(wait))

"""Allowances of points that a process spends at once, and settles with Redis a moment later."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from core.limits.buckets import Charge, TokenBucket
from core.limits.keys import LimitKey
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance

MAX_ALLOWANCES = 10_000
MAX_SETTLED = 500  # at once; Redis takes some 10 µs for each, and others wait meanwhile
ALLOWED_SHARE = 20  # a twentieth of the bucket
SETTLE_SECONDS = 1.0
MAX_AGE_SECONDS = 10.0


@dataclass(slots=True)
class Allowance:
    """The last level of a bucket in Redis, and the points that it was not charged for yet.

    `remaining` was free at `known_at`.
    """

    bucket: TokenBucket
    remaining: float
    known_at: float
    unsettled: int = 0

    def learn(self, charge: Charge) -> None:
        self.remaining, self.known_at = float(charge.remaining), monotonic()

    def spend(self, cost: int) -> Charge | None:
        """Spend points, if the allowance and what was free in the bucket suffice."""
        bucket, age = self.bucket, monotonic() - self.known_at
        if age > MAX_AGE_SECONDS:
            return None
        regained = age * bucket.leak_per_second
        left = min(bucket.capacity, self.remaining + regained) - self.unsettled - cost
        if left < 0 or (self.unsettled + cost) * ALLOWED_SHARE > bucket.capacity:
            return None
        self.unsettled += cost
        seconds = (bucket.capacity - left) / bucket.leak_per_second
        reset_at = datetime.now(UTC) + timedelta(seconds=seconds)
        return Charge(allowed=True, remaining=int(left), reset_at=reset_at)


class LocalAllowances:
    """Lets callers spend points without a round trip to Redis, which costs more than a kept answer.

    A bucket gets an allowance after it was charged in Redis. Of that, at most a twentieth of the
    bucket can be spent before Redis is charged for it, a second later for all buckets in
    one round trip. So a caller exceeds its limit by at most a twentieth for each process. A charge
    that Redis refuses then is tried again, and until then its caller is charged in Redis.

    At most 10,000 buckets have one, about 3 MB. What was known for ten seconds is not used.
    """

    def __init__(self, limits: RateLimits, max_allowances: int = MAX_ALLOWANCES) -> None:
        self._limits = limits
        self._max_allowances = max_allowances
        self._known: OrderedDict[LimitKey, Allowance] = OrderedDict()
        self._spent: set[LimitKey] = set()
        self._settling: asyncio.Task[None] | None = None

    def spend(self, key: LimitKey, cost: int) -> Charge | None:
        """Spend points of an allowance. Returns None if Redis must be charged instead."""
        allowance = self._known.get(key)
        charge = allowance.spend(cost) if allowance else None
        if charge is not None:
            self._spent.add(key)
            if self._settling is None:
                self._settling = asyncio.create_task(self._settle_until_done())
        return charge

    def grant(self, key: LimitKey, bucket: TokenBucket, charge: Charge) -> None:
        """Give an allowance of a bucket, which Redis has just been charged for."""
        allowance = self._known.get(key)
        if allowance is None:
            if len(self._known) >= self._max_allowances and not self._forget_oldest():
                return
            allowance = self._known[key] = Allowance(bucket, 0, 0)
        allowance.learn(charge)
        self._known.move_to_end(key)

    async def settle(self) -> None:
        """Charge Redis for what was spent, many buckets in one round trip."""
        spent = list(self._spent)
        for start in range(0, len(spent), MAX_SETTLED):
            await self._settle(spent[start : start + MAX_SETTLED])

    async def close(self) -> None:
        """Settle what is left. Call it before the limits are closed."""
        if self._settling is not None:
            self._settling.cancel()
            await asyncio.gather(self._settling, return_exceptions=True)
        await self.settle()

    async def _settle_until_done(self) -> None:
        try:
            while self._spent:
                await asyncio.sleep(SETTLE_SECONDS)
                await self.settle()
        finally:
            self._settling = None

    async def _settle(self, spent: Sequence[LimitKey]) -> None:
        due = [self._known[key] for key in spent]
        costs = [one.unsettled for one in due]
        debts = [({key: one.bucket}, one.unsettled) for key, one in zip(spent, due, strict=True)]
        charges = await self._limits.charge_each(debts, RedisAllowance())
        for key, allowance, cost, charge in zip(spent, due, costs, charges, strict=True):
            if charge.allowed:
                allowance.unsettled -= cost
            if not allowance.unsettled:
                self._spent.discard(key)
            allowance.learn(charge)

    def _forget_oldest(self) -> bool:
        """Forget the allowance that was granted first, unless it is still to be settled."""
        key = next(iter(self._known))
        if key in self._spent:
            return False
        del self._known[key]
        return True

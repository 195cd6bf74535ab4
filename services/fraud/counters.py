"""Counters of attempts in Redis: how many there were in a window, in one round trip.

Each counter is a sorted set of redemptions by time, so that a window of any length is exact, and an
attempt that is added twice counts once. Redis may lose them: a job rebuilds them from the table,
and until then scores are marked as incomplete.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import structlog

from core.outages import REDIS_ERRORS
from core.redis.client import RedisClient
from core.redis.timeouts import RedisAllowance
from models.fraud.settings import MAX_WINDOW
from models.redemptions import CounterState

EPOCH = "haat:fraud:epoch"  # exists while the counters are complete
MAX_KEPT = 5_000  # attempts of a counter, the newest

# KEYS: the epoch, then a key for each count. ARGV: now, then the seconds of each window.
READ = """
local found = {redis.call('EXISTS', KEYS[1])}
for at = 2, #KEYS do
  found[at] = redis.call('ZCOUNT', KEYS[at], '(' .. (ARGV[1] - ARGV[at]), '+inf')
end
return found
"""
# KEYS: counters. ARGV: the time, the redemption, the longest window, and the most that are kept.
ADD = """
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, 'NX', ARGV[1], ARGV[2])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[1] - ARGV[3])
  redis.call('ZREMRANGEBYRANK', key, 0, -1 - ARGV[4])
  redis.call('EXPIRE', key, ARGV[3])
end
"""

log = structlog.get_logger(__name__)


class Counted(StrEnum):
    """A subject whose attempts are counted. TILL counts wrong codes of a member of a vendor."""

    USER = "USER"
    DEVICE = "DEVICE"
    ADDRESS = "ADDRESS"
    VENDOR = "VENDOR"
    TILL = "TILL"


@dataclass(frozen=True)
class AttemptCounter:
    kind: Counted
    name: str

    @property
    def key(self) -> str:
        return f"haat:fraud:{self.kind}:{self.name}"


@dataclass(frozen=True)
class CountedSpan:
    """The last seconds of a counter."""

    counter: AttemptCounter
    seconds: int


@dataclass(frozen=True)
class AttemptCounts:
    """Numbers of attempts by window, none if Redis did not answer."""

    state: CounterState
    found: Mapping[CountedSpan, int]

    def of(self, window: CountedSpan) -> int | None:
        return self.found.get(window)


NOT_COUNTED = AttemptCounts(CounterState.LOST, {})


class FraudCounters:
    """Reads and adds attempts. Without Redis, reads find nothing and additions are lost."""

    def __init__(self, redis_url: str) -> None:
        self._redis = RedisClient(redis_url, "fraud_counters")
        self._read = self._redis.register_script(READ)
        self._add = self._redis.register_script(ADD)
        self._missed = False  # an attempt, so that the counters must be rebuilt

    async def read(
        self, windows: Sequence[CountedSpan], at: datetime, allowance: RedisAllowance
    ) -> AttemptCounts:
        """Return how many attempts are in each window, in one round trip."""
        keys = [EPOCH, *(one.counter.key for one in windows)]
        args = [at.timestamp(), *(one.seconds for one in windows)]
        try:
            complete, *found = await allowance.spend(self._read(keys=keys, args=args))
            if self._missed:
                await allowance.spend(self._redis.delete(EPOCH))
                complete = self._missed = False
        except REDIS_ERRORS as error:
            log.warning("fraud_counters.unavailable", error=str(error))
            return NOT_COUNTED
        state = CounterState.COMPLETE if complete else CounterState.REBUILDING
        return AttemptCounts(state, dict(zip(windows, found, strict=True)))

    async def add(
        self,
        counters: Sequence[AttemptCounter],
        redemption_id: UUID,
        at: datetime,
        allowance: RedisAllowance,
    ) -> None:
        """Count an attempt, once. If Redis does not answer, the counters are rebuilt later."""
        args: list[str | float] = [at.timestamp(), str(redemption_id), MAX_WINDOW, MAX_KEPT]
        try:
            await allowance.spend(self._add(keys=[one.key for one in counters], args=args))
        except REDIS_ERRORS as error:
            log.warning("fraud_counters.unavailable", error=str(error))
            self._missed = True

    async def are_complete(self) -> bool:
        """Return whether the counters need no rebuild. Raises `REDIS_ERRORS`."""
        return bool(await self._redis.exists(EPOCH))

    async def note_complete(self) -> None:
        """Note that the counters are rebuilt. Raises `REDIS_ERRORS`."""
        await self._redis.set(EPOCH, 1)

    async def close(self) -> None:
        await self._redis.aclose()

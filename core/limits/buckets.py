"""Leaky buckets: what a limit allows at once, and how fast it allows more."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import NamedTuple

from core.errors import TooManyRequests
from core.limits.keys import LimitKey

MAX_KEYS = 50_000  # about 12 MB
SWEEP_SECONDS = 1.0


@dataclass(frozen=True)
class TokenBucket:
    """The size of a bucket, and how much of it is free again per second."""

    capacity: int
    leak_per_second: float

    @classmethod
    def of(cls, capacity: int, *, minutes: int) -> "TokenBucket":
        """Return a bucket that is empty again after so many minutes."""
        return cls(capacity, capacity / (60 * minutes))

    @property
    def halved(self) -> "TokenBucket":
        return TokenBucket(max(1, self.capacity // 2), self.leak_per_second / 2)

    def wait_for(self, level: float) -> float:
        """Return the seconds until there is room for this level."""
        return max(0.0, (level - self.capacity) / self.leak_per_second)

    def drain(self, level: float, seconds: float) -> float:
        return max(0.0, level - max(0.0, seconds) * self.leak_per_second)


Buckets = Mapping[LimitKey, TokenBucket]


@dataclass(frozen=True)
class Charge:
    """The result of a charge. At `reset_at` the bucket is free again, at the latest of several.

    If it was refused, it is possible after `wait_seconds`.
    """

    allowed: bool
    remaining: int
    reset_at: datetime
    wait_seconds: int = 0

    @classmethod
    def of(cls, buckets: Sequence[TokenBucket], levels: Sequence[float], wait: float) -> "Charge":
        filled = list(zip(buckets, levels, strict=True))
        resets = max(level / bucket.leak_per_second for bucket, level in filled)
        return cls(
            allowed=wait == 0,
            remaining=max(0, min(int(bucket.capacity - level) for bucket, level in filled)),
            reset_at=datetime.now(UTC) + timedelta(seconds=resets),
            wait_seconds=math.ceil(wait),
        )

    def ensure_allowed(self) -> None:
        """Raise `TooManyRequests` if the charge was refused."""
        if not self.allowed:
            raise TooManyRequests(self.wait_seconds)


class Level(NamedTuple):
    """How full a bucket was at `at`, and when it is empty."""

    level: float
    at: float
    empty_at: float


class LocalBuckets:
    """The buckets of this process, for at most 50,000 keys. All others share one per size.

    The bound is memory: a caller with an IPv6 /32 can use 2^32 networks.
    """

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        self._levels: dict[Hashable, Level] = {}
        self._max_keys = max_keys
        self._swept_at = 0.0

    def charge(self, charged: Buckets, cost: float) -> Charge:
        """Charge all buckets, or none if one of them is too full. Negative costs are refunds."""
        levels = self._drained(charged)
        wait = 0.0
        if cost >= 0:  # a refund is never refused
            wait = max(
                bucket.wait_for(level + cost)
                for bucket, level in zip(charged.values(), levels, strict=True)
            )
        if not wait:
            levels = self._fill(charged, levels, cost)
        return Charge.of(list(charged.values()), levels, wait)

    def record(self, charged: Buckets, cost: float) -> None:
        """Charge all buckets for what Redis has allowed, until they are full."""
        self._fill(charged, self._drained(charged), cost)

    def _drained(self, charged: Buckets) -> list[float]:
        moment = monotonic()
        levels = []
        for key, bucket in charged.items():
            held = self._levels.get(self._place(key, bucket))
            levels.append(bucket.drain(held.level, moment - held.at) if held else 0.0)
        return levels

    def _fill(self, charged: Buckets, levels: Sequence[float], cost: float) -> list[float]:
        moment, filled = monotonic(), []
        for (key, bucket), level in zip(charged.items(), levels, strict=True):
            new = min(max(0.0, level + cost), float(max(bucket.capacity, level)))
            empty_at = moment + new / bucket.leak_per_second
            self._levels[self._place(key, bucket)] = Level(new, moment, empty_at)
            filled.append(new)
        return filled

    def _place(self, key: LimitKey, bucket: TokenBucket) -> Hashable:
        """Return where a key is stored: under itself, or in the bucket that the others share."""
        if key in self._levels or len(self._levels) < self._max_keys:
            return key
        self._sweep()
        return key if len(self._levels) < self._max_keys else bucket

    def _sweep(self) -> None:
        """Delete empty buckets, at most once a second: a pass over 50,000 takes some ms."""
        moment = monotonic()
        if moment < self._swept_at + SWEEP_SECONDS:
            return
        self._swept_at = moment
        self._levels = {key: one for key, one in self._levels.items() if one.empty_at > moment}

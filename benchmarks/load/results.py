"""The result of a load."""

import math
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class LoadResult:
    """Latencies in milliseconds of correct responses, and counts of others by message."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, other: "LoadResult") -> None:
        self.seconds += other.seconds
        self.latencies += other.latencies
        self.errors += other.errors

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def mean(self) -> float:
        return sum(self.latencies) / len(self.latencies)

    def percentile(self, share: float) -> float:
        """Return the nearest-rank percentile: `share` of the latencies do not exceed it."""
        ranked = sorted(self.latencies)
        return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


class BenchmarkError(Exception):
    """A measurement that failed, with the reason."""

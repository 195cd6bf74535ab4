"""What came of a stretch of load."""

import math
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """How long each answer took, in milliseconds, and how many were wrong."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Another stretch of the same load."""
        self.seconds += other.seconds
        self.latencies += other.latencies
        self.errors += other.errors

    @property
    def rate(self) -> float:
        """Right answers per second."""
        return len(self.latencies) / self.seconds

    @property
    def mean(self) -> float:
        return sum(self.latencies) / len(self.latencies)

    def percentile(self, share: float) -> float:
        """By nearest rank: the least latency that `share` of the answers don't exceed."""
        ranked = sorted(self.latencies)
        return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


class Failed(Exception):
    """A point that could not be measured, and why."""

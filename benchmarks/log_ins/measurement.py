"""The figures of the benchmark, and whether they are as aimed at."""

from dataclasses import dataclass
from statistics import median

from benchmarks.load.results import LoadResult

LOG_IN_RATE, LAG_MS = 60, 15  # log-ins a second; p99 of a probe of the event loop
REFRESH_RATE = 800
UNKNOWN_RATIO = 1.05  # of the medians of known and unknown accounts, either way
FOLLOWER_SECONDS, FOLLOWER_RATIO = 30, 2.0  # p99 of others, by that of a quiet server

Row = tuple[str, str, str, bool]


@dataclass(frozen=True)
class Beside:
    """The latencies of other callers during a load, and without it."""

    loaded: LoadResult
    quiet: LoadResult

    @property
    def ratio(self) -> float:
        return self.loaded.percentile(0.99) / self.quiet.percentile(0.99)


@dataclass(frozen=True)
class AccountComparison:
    """Milliseconds of the same request for accounts that exist and that don't."""

    name: str
    known: list[float]
    unknown: list[float]

    @property
    def ratio(self) -> float:
        return median(self.known) / median(self.unknown)

    def row(self) -> Row:
        return (
            f"{self.name}, median in ms of known and unknown accounts",
            f"{median(self.known):.2f} and {median(self.unknown):.2f}, ratio {self.ratio:.3f}",
            f"within {UNKNOWN_RATIO - 1:.0%}",
            1 / UNKNOWN_RATIO <= self.ratio <= UNKNOWN_RATIO,
        )


@dataclass(frozen=True)
class Notified:
    """Followers of a vendor who got a notification of an offer."""

    followers: int
    seconds: float
    others: Beside


@dataclass(frozen=True)
class LogInMeasurement:
    log_ins: LoadResult
    lag: Beside
    refreshes: LoadResult
    comparisons: list[AccountComparison]
    notified: Notified

    def rows(self) -> list[Row]:
        """Return the name, the figure and the aim of each measurement, and whether it is met."""
        lag, notified = self.lag.loaded.percentile(0.99), self.notified
        rate, refreshes = self.log_ins.rate, self.refreshes.rate
        return [
            ("log-ins a second", f"{rate:.0f}", f"≥ {LOG_IN_RATE}", rate >= LOG_IN_RATE),
            ("a log-in, median and p99 in ms", _cuts(self.log_ins), "", True),
            (
                "`GET /health` meanwhile, p99 in ms",
                f"{lag:.1f}, quiet {self.lag.quiet.percentile(0.99):.1f}",
                f"≤ {LAG_MS}",
                lag <= LAG_MS,
            ),
            (
                "refreshes a second",
                f"{refreshes:.0f}",
                f"≥ {REFRESH_RATE}",
                refreshes >= REFRESH_RATE,
            ),
            ("a refresh, median and p99 in ms", _cuts(self.refreshes), "", True),
            *(one.row() for one in self.comparisons),
            (
                f"{notified.followers:,} followers notified, in s",
                f"{notified.seconds:.1f}",
                f"≤ {FOLLOWER_SECONDS}",
                notified.seconds <= FOLLOWER_SECONDS,
            ),
            (
                "a list of offers meanwhile, p99 by its quiet p99",
                f"{notified.others.ratio:.2f}",
                f"≤ {FOLLOWER_RATIO:.0f}",
                notified.others.ratio <= FOLLOWER_RATIO,
            ),
        ]

    def problems(self) -> list[str]:
        """Return what went wrong beside the figures."""
        results = {
            "log-ins": self.log_ins,
            "health": self.lag.loaded,
            "refreshes": self.refreshes,
            "offers": self.notified.others.loaded,
        }
        return [
            f"{name}: {times} times {message}"
            for name, result in results.items()
            for message, times in result.errors.most_common(3)
        ]


def _cuts(result: LoadResult) -> str:
    return f"{result.percentile(0.5):.1f} and {result.percentile(0.99):.1f}"

"""The figures of the benchmark, and whether they are as aimed at."""

from dataclasses import dataclass
from statistics import median

from benchmarks.load.results import LoadResult

TICKET_RATE = SEAT_RATE = 250  # a second, of one process
CHECK_IN_RATE, CHECK_IN_MS = 100, 200
SCAN_RATE = 500
FOLLOWER_MS = 150

Row = tuple[str, str, str, bool]


@dataclass(frozen=True)
class ComparedSales:
    """ComparedSales by the server and by pgbench in turns, of so many tickets each on average."""

    server: LoadResult
    pgbench: LoadResult
    tickets: float

    @property
    def rate(self) -> float:
        """Return the tickets a second."""
        return self.server.rate * self.tickets

    def rows(self, unit: str, aim: int) -> list[Row]:
        bare = self.pgbench.rate * self.tickets
        ratio = self.server.rate / self.pgbench.rate
        return [
            (f"{unit} a second", f"{self.rate:,.0f}", f"≥ {aim}", self.rate >= aim),
            ("the same in bare SQL, and the ratio", f"{bare:,.0f}, {ratio:.1%}", "", True),
            ("a hold, median and p99 in ms", _cuts(self.server), "", True),
        ]


@dataclass(frozen=True)
class EventMeasurement:
    """`followers` are milliseconds from the commit until the last follower has a change."""

    standing: ComparedSales
    seated: ComparedSales
    check_ins: LoadResult
    synchronizations: LoadResult
    scans: int  # of a synchronization
    followers: list[float]
    following: int
    announcing: list[float]  # milliseconds that the oldest change has waited, during sales

    def rows(self) -> list[Row]:
        """Return the name, the figure and the aim of each measurement, and whether it is met."""
        late = self.check_ins.percentile(0.99)
        scans = self.synchronizations.rate * self.scans
        found = [
            *self.standing.rows("tickets of one quota", TICKET_RATE),
            *self.seated.rows("best seats of one date", SEAT_RATE),
            (
                "a change waits to be announced meanwhile, median and maximum in ms",
                f"{median(self.announcing):.0f} and {max(self.announcing):.0f}",
                "",
                True,
            ),
            (
                "check-ins a second",
                f"{self.check_ins.rate:,.0f}",
                f"≥ {CHECK_IN_RATE}",
                self.check_ins.rate >= CHECK_IN_RATE,
            ),
            (
                "a check-in, median and p99 in ms",
                _cuts(self.check_ins),
                f"p99 ≤ {CHECK_IN_MS}",
                late <= CHECK_IN_MS,
            ),
            (
                f"scans a second by `syncScans`, {self.scans} at a time",
                f"{scans:,.0f}",
                f"≥ {SCAN_RATE}",
                scans >= SCAN_RATE,
            ),
        ]
        if self.followers:
            middle = median(self.followers)
            found.append(
                (
                    f"{self.following:,} followers of a sale queue, median and maximum in ms",
                    f"{middle:.1f} and {max(self.followers):.1f}",
                    f"median ≤ {FOLLOWER_MS}",
                    middle <= FOLLOWER_MS,
                )
            )
        return found

    def problems(self) -> list[str]:
        """Return what went wrong beside the figures."""
        results = {
            "tickets": self.standing.server,
            "seats": self.seated.server,
            "check-ins": self.check_ins,
            "synchronizations": self.synchronizations,
        }
        return [
            f"{name}: {times} times {message}"
            for name, result in results.items()
            for message, times in result.errors.most_common(3)
        ]


def _cuts(result: LoadResult) -> str:
    return f"{result.percentile(0.5):.1f} and {result.percentile(0.99):.1f}"

"""The figures of the benchmark, and whether they are as aimed at."""

from collections import Counter
from dataclasses import dataclass
from statistics import median

from benchmarks.load.results import LoadResult

MONTH_MS, DAY_MS = 60, 15
HOLD_RATE = 100  # a second, of one process
RUSH_CLIENTS = 200

Row = tuple[str, str, str, bool]


@dataclass(frozen=True)
class Rushes:
    """Rushes of many clients on one slot each, with the answers that are wrong.

    `doubles` are bookings of a member of staff at the time of another one, `unsold` slots that no
    client got.
    """

    seconds: list[float]  # of each rush
    doubles: int
    unsold: int
    errors: Counter[str]

    def rows(self) -> list[Row]:
        name = f"doubles in {len(self.seconds)} rushes of {RUSH_CLIENTS} clients on one slot"
        lasted = f"{median(self.seconds):.2f} and {max(self.seconds):.2f}"
        return [
            (name, f"{self.doubles}", "= 0", self.doubles == 0),
            ("slots of rushes that no client got", f"{self.unsold}", "= 0", self.unsold == 0),
            ("a rush, median and maximum in s", lasted, "", True),
        ]


@dataclass(frozen=True)
class BookingMeasurement:
    """Reads of one client, holds of many, and rushes."""

    month: LoadResult
    day: LoadResult
    holds: LoadResult
    rushes: Rushes

    def rows(self) -> list[Row]:
        """Return the name, the figure and the aim of each measurement, and whether it is met."""
        rate = self.holds.rate
        return [
            _read("a month of 50 staff and 18,600 claims", self.month, MONTH_MS),
            _read("a day of 50 staff", self.day, DAY_MS),
            ("holds a second", f"{rate:,.0f}", f"≥ {HOLD_RATE}", rate >= HOLD_RATE),
            ("a hold, median and p99 in ms", _cuts(self.holds), "", True),
            *self.rushes.rows(),
        ]

    def problems(self) -> list[str]:
        """Return the errors of answers."""
        errors = self.month.errors + self.day.errors + self.holds.errors + self.rushes.errors
        return [f"{count} times: {message}" for message, count in errors.items()]


def _read(name: str, result: LoadResult, aim: int) -> Row:
    median = result.percentile(0.5)
    return f"{name}, median and p99 in ms", _cuts(result), f"median ≤ {aim}", median <= aim


def _cuts(result: LoadResult) -> str:
    return f"{result.percentile(0.5):.1f} and {result.percentile(0.99):.1f}"

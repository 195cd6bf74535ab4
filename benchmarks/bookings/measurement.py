"""The figures of the benchmark, and whether they are as aimed at."""

from dataclasses import dataclass

from benchmarks.results import LoadResult

MONTH_MS, DAY_MS = 60, 15
HOLD_RATE = 100  # a second, of one process

Row = tuple[str, str, str, bool]


@dataclass(frozen=True)
class BookingMeasurement:
    """Reads of one client, and holds of many."""

    month: LoadResult
    day: LoadResult
    holds: LoadResult

    def rows(self) -> list[Row]:
        """Return the name, the figure and the aim of each measurement, and whether it is met."""
        rate = self.holds.rate
        return [
            _read("a month of 50 staff and 18,600 claims", self.month, MONTH_MS),
            _read("a day of 50 staff", self.day, DAY_MS),
            ("holds a second", f"{rate:,.0f}", f"≥ {HOLD_RATE}", rate >= HOLD_RATE),
            ("a hold, median and p99 in ms", _cuts(self.holds), "", True),
        ]

    def problems(self) -> list[str]:
        """Return the errors of answers."""
        errors = self.month.errors + self.day.errors + self.holds.errors
        return [f"{count} times: {message}" for message, count in errors.items()]


def _read(name: str, result: LoadResult, aim: int) -> Row:
    median = result.percentile(0.5)
    return f"{name}, median and p99 in ms", _cuts(result), f"median ≤ {aim}", median <= aim


def _cuts(result: LoadResult) -> str:
    return f"{result.percentile(0.5):.1f} and {result.percentile(0.99):.1f}"

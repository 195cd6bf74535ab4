"""The aims of `python -m benchmarks.bookings`."""

from collections import Counter

from benchmarks.bookings.measurement import BookingMeasurement, Rushes
from benchmarks.load.results import LoadResult


def load(count: int, milliseconds: float) -> LoadResult:
    """Return the result of one second."""
    return LoadResult(1.0, [milliseconds] * count, Counter())


def rushes(doubles: int = 0, unsold: int = 0) -> Rushes:
    """Return two rushes of a second each."""
    return Rushes([1.0, 1.0], doubles, unsold, Counter())


def missed(one: BookingMeasurement) -> list[str]:
    return [name.partition(",")[0] for name, _, _, met in one.rows() if not met]


def test_an_aim_is_met_at_its_bound_and_not_beyond() -> None:
    assert missed(BookingMeasurement(load(10, 60), load(10, 15), load(100, 9), rushes())) == []
    worse = BookingMeasurement(load(10, 61), load(10, 16), load(99, 9), rushes(1, 1))
    assert missed(worse) == [
        "a month of 50 staff and 18",
        "a day of 50 staff",
        "holds a second",
        "doubles in 2 rushes of 200 clients on one slot",
        "slots of rushes that no client got",
    ]
    assert worse.problems() == []

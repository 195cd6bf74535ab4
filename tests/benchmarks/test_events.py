"""The aims of `make bench-events`, and what it writes."""

from collections import Counter
from pathlib import Path

from benchmarks.events import report
from benchmarks.events.measurement import ComparedSales, EventMeasurement
from benchmarks.load.results import LoadResult


def load(count: int, milliseconds: float = 10) -> LoadResult:
    """Return the result of one second."""
    return LoadResult(1.0, [milliseconds] * count, Counter())


def measured(
    *, sales: int = 100, check_ins: int = 100, late: float = 200, sync: int = 5, fans: float = 150
) -> EventMeasurement:
    return EventMeasurement(
        ComparedSales(load(sales), load(1000), 2.5),
        ComparedSales(load(sales), load(1000), 2.5),
        load(check_ins, late),
        load(sync),
        100,
        [fans],
        5_000,
        [250],
    )


def missed(one: EventMeasurement) -> list[str]:
    return [name.partition(",")[0] for name, _, _, met in one.rows() if not met]


def test_an_aim_is_met_at_its_bound_and_not_beyond() -> None:
    assert missed(measured()) == []
    worse = measured(sales=99, check_ins=99, late=201, sync=4, fans=151)
    assert missed(worse) == [
        "tickets of one quota a second",
        "best seats of one date a second",
        "check-ins a second",
        "a check-in",
        "scans a second by `syncScans`",
        "5",
    ]


def test_the_results_replace_the_text_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}\nstale\n{report.END}\nafter\n")
    report.write(page, measured(check_ins=99), 0.5)
    text = page.read_text()
    assert "stale" not in text
    assert "| tickets of one quota a second | 250 | ≥ 250 |" in text
    assert "| the same in bare SQL, and the ratio | 2,500, 10.0% |  |" in text
    assert "| check-ins a second | 99 | ≥ 100, missed |" in text
    assert text.endswith(f"\n{report.END}\nafter\n")

"""Sets of minutes agree with Python's sets."""

from hypothesis import given
from hypothesis import strategies as st

from core.minutes import at_least, between, covered, every, members, runs

SIZE = 200
SETS = st.integers(min_value=0, max_value=2**SIZE - 1)
PLACES = st.integers(min_value=0, max_value=SIZE)


@given(PLACES, PLACES, st.integers(1, 50))
def test_between_and_every_are_ranges(first: int, end: int, step: int) -> None:
    assert list(members(between(first, end))) == list(range(first, end))
    assert list(members(every(step, first, end))) == list(range(first, end, step))


@given(SETS, st.integers(1, SIZE))
def test_runs_are_starts_of_so_many_members(minutes: int, length: int) -> None:
    inside = set(members(minutes))
    starts = {one for one in inside if inside.issuperset(range(one, one + length))}
    assert set(members(runs(minutes, length))) == starts


@given(st.sets(st.integers(-20, SIZE + 20)))
def test_covered_cuts_spans_to_the_size(places: set[int]) -> None:
    ordered = sorted(places)
    spans = list(zip(ordered[::2], ordered[1::2], strict=False))
    within = {minute for span in spans for minute in range(*span) if 0 <= minute < SIZE}
    assert set(members(covered(spans, SIZE))) == within


def test_covered_joins_spans_that_touch() -> None:
    assert covered([(10, 20), (0, 10), (20, SIZE)], SIZE) == between(0, SIZE)


@given(st.lists(SETS, max_size=5), st.integers(1, 3))
def test_at_least_counts_the_sets_of_each_minute(sets: list[int], count: int) -> None:
    enough = {n for n in range(SIZE) if sum(one >> n & 1 for one in sets) >= count}
    assert set(members(at_least(count, sets))) == enough

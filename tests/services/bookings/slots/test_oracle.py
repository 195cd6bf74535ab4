"""Slots equal those of an oracle that asks the clock on the wall for each minute."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ids import new_id
from core.minutes import members
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import SlotAnchor
from services.bookings.slots.engine import Candidate, Rules, Slots
from services.bookings.slots.hours import Grid, Hours, MinuteWindow, Week
from services.bookings.slots.zones import minute_of, moment_of
from tests.services.bookings.slots.change_days import CHANGES, STEADY
from tests.services.bookings.slots.oracle import ClockPlan

A_DAY = timedelta(days=1)
WORKDAY = {weekday: [(9 * 60, 12 * 60), (13 * 60, 18 * 60)] for weekday in range(7)}
NIGHTS = {weekday: [(0, 7 * 60), (22 * 60, 24 * 60)] for weekday in range(7)}
ALWAYS = {weekday: [(0, 24 * 60)] for weekday in range(7)}


def around(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return instants a day and a half before and after local midnight of a day."""
    midnight = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    return midnight - 1.5 * A_DAY, midnight + 2.5 * A_DAY


def engine_starts(plan: ClockPlan, first: datetime, end: datetime) -> set[datetime]:
    """Return the starts of the engine in the same instants."""
    window = MinuteWindow(minute_of(first) - 2_000, minute_of(end) + 2_000)
    anchor = SlotAnchor.OPENING if plan.from_opening else SlotAnchor.CLOCK
    rules = Rules(
        duration=plan.duration,
        before=plan.before,
        after=plan.after,
        grid=Grid(plan.step, anchor),
        needs={ResourceKind.STAFF: 1},
    )
    spans = tuple(tuple(plan.week.get(weekday, ())) for weekday in range(7))
    days = {day: tuple(one) for day, one in plan.other_days.items()}
    lanes = [
        [(minute_of(start) - window.first, minute_of(until) - window.first) for start, until in one]
        for one in plan.lanes
    ]
    staff = Candidate(
        id=new_id(),
        kind=ResourceKind.STAFF,
        hours=Hours(plan.zone, (Week(date(2000, 1, 1), None, spans),), days),
        lanes=lanes,
    )
    slots = Slots(window=window, rules=rules, candidates=[staff], closed=plan.closed)
    moments = {moment_of(window.first + minute) for minute in members(slots.starts())}
    return {moment for moment in moments if first <= moment < end}


@pytest.mark.parametrize(("zone", "day"), CHANGES + STEADY)
@pytest.mark.parametrize("week", [WORKDAY, NIGHTS, ALWAYS], ids=["days", "nights", "always"])
def test_slots_around_days_of_change_equal_the_oracle(
    zone: str, day: date, week: dict[int, list[tuple[int, int]]]
) -> None:
    first, end = around(day, zone)
    for from_opening in (True, False):
        plan = ClockPlan(zone, week, duration=50, step=20, from_opening=from_opening)
        assert engine_starts(plan, first, end) == plan.starts(first, end)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_clocks_change_on_each_day_of_the_corpus(zone: str, day: date) -> None:
    first, end = (moment.astimezone(ZoneInfo(zone)) for moment in around(day, zone))
    assert first.utcoffset() != end.utcoffset()


def test_clocks_of_thirteen_zones_change() -> None:
    assert len({zone for zone, _ in CHANGES}) == 13


def test_apia_has_no_slots_on_the_day_that_it_lost() -> None:
    first, end = around(date(2011, 12, 30), "Pacific/Apia")
    starts = engine_starts(ClockPlan("Pacific/Apia", WORKDAY, 60, 60), first, end)
    days = {start.astimezone(ZoneInfo("Pacific/Apia")).date() for start in starts}
    assert days & {date(2011, 12, day) for day in (29, 30, 31)} == {
        date(2011, 12, 29),
        date(2011, 12, 31),
    }


EDGES = st.sets(st.integers(0, 48), max_size=6).map(sorted)
DAY_SPANS = EDGES.map(
    lambda edges: [(30 * a, 30 * b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
)
LANES = st.lists(
    st.sets(st.integers(0, 4 * 96), max_size=12).map(sorted), min_size=1, max_size=3
)  # quarters of an hour from the first instant, at which claims begin and end in turn


@settings(max_examples=150)
@given(
    place=st.sampled_from(CHANGES + STEADY),
    week=st.fixed_dictionaries(dict.fromkeys(range(7), DAY_SPANS)),
    other=st.dictionaries(st.integers(-2, 3), DAY_SPANS, max_size=2),
    closed=st.sets(st.integers(-2, 3), max_size=1),
    lanes=LANES,
    duration=st.integers(5, 200),
    step=st.integers(5, 90),
    buffers=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    from_opening=st.booleans(),
)
def test_slots_of_any_hours_and_claims_equal_the_oracle(
    place: tuple[str, date],
    week: dict[int, list[tuple[int, int]]],
    other: dict[int, list[tuple[int, int]]],
    closed: set[int],
    lanes: list[list[int]],
    duration: int,
    step: int,
    buffers: tuple[int, int],
    from_opening: bool,
) -> None:
    zone, day = place
    first, end = around(day, zone)
    plan = ClockPlan(
        zone,
        week,
        duration,
        step,
        from_opening,
        *buffers,
        other_days={day + n * A_DAY: spans for n, spans in other.items()},
        closed={day + n * A_DAY for n in closed},
        lanes=[claims(first, edges) for edges in lanes],
    )
    assert engine_starts(plan, first, end) == plan.starts(first, end)


def claims(first: datetime, edges: list[int]) -> list[tuple[datetime, datetime]]:
    """Return claims between edges. Two of three are taken, so each second one touches the next."""
    times = [first + timedelta(minutes=15 * edge) for edge in edges]
    return [span for n, span in enumerate(pairwise(times)) if n % 3 != 2]

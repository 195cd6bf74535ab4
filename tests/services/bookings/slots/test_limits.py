"""Notice, horizon and daily limit: elapsed time, and local days of the vendor."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.minutes import members
from models.bookings.slots import SlotReason
from services.bookings.slots.hours import MinuteWindow
from services.bookings.slots.limits import Limits
from services.bookings.slots.zones import DAY, minute_of, moment_of
from tests.services.bookings.slots.change_days import CHANGES

HALF_HOURS = st.integers(-3 * 48, 3 * 48)


def midday(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def limits(zone: str, moment: datetime, notice: int = 0, horizon: int = 365) -> Limits:
    return Limits(zone=zone, moment=moment, notice=notice, horizon=horizon)


@settings(max_examples=60)
@given(
    place=st.sampled_from(CHANGES),
    before=HALF_HOURS,
    seconds=st.integers(0, 59),
    notice=st.integers(0, 3_000),
    more=st.integers(0, 3_000),
)
def test_more_notice_only_removes_starts_before_its_end(
    place: tuple[str, date], before: int, seconds: int, notice: int, more: int
) -> None:
    zone, day = place
    moment = midday(day) + timedelta(minutes=30 * before, seconds=seconds)
    first = minute_of(midday(day)) - 4 * DAY
    window = MinuteWindow(first, first + 8 * DAY)
    less = limits(zone, moment, notice).bookable(window)
    longer = limits(zone, moment, notice + more).bookable(window)
    gone = {moment_of(first + minute) for minute in members(less & ~longer)}
    end = moment + timedelta(minutes=notice + more)
    kept = {moment_of(first + minute) for minute in members(longer)}
    assert longer & ~less == 0
    assert all(start < end for start in gone)
    assert all(start >= end for start in kept)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_the_horizon_ends_with_a_local_day(zone: str, day: date) -> None:
    moment = midday(day) - timedelta(days=1)
    rules = limits(zone, moment, horizon=3)
    first = minute_of(moment)
    open_minutes = rules.bookable(MinuteWindow(first, first + 6 * DAY))
    last = moment_of(first + open_minutes.bit_length() - 1).astimezone(ZoneInfo(zone))
    after = moment_of(first + open_minutes.bit_length()).astimezone(ZoneInfo(zone))
    assert last.date() == rules.last_day < after.date()
    assert rules.reason(minute_of(after)) is SlotReason.HORIZON
    assert rules.reason(minute_of(last)) is None


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_a_full_day_is_closed_for_its_local_minutes_alone(zone: str, day: date) -> None:
    moment = midday(day) - timedelta(days=2)
    rules = Limits(zone=zone, moment=moment, notice=0, horizon=30, per_day=2, booked={day: 2})
    first = minute_of(moment)
    open_minutes = rules.bookable(MinuteWindow(first, first + 5 * DAY))
    for minute in range(0, 5 * DAY, 15):
        local = moment_of(first + minute).astimezone(ZoneInfo(zone)).date()
        assert bool(open_minutes >> minute & 1) == (local != day)
    two = Limits(
        zone=zone, moment=moment, notice=0, horizon=30, per_day=3, booked={day: 2}, visits=2
    )
    assert two.is_full(day)

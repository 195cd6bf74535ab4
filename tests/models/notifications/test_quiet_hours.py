"""Quiet hours end by the local wall clock, also on days of 23 or 25 hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.ids import new_id
from models.errors import InvalidInput
from models.notifications.preferences import QuietHours

BERLIN = "Europe/Berlin"  # to summer time on 29 March 2026 at 02:00, back on 25 October at 03:00
HOUR = timedelta(hours=1)
CLOCK = st.times().map(lambda clock: clock.replace(microsecond=0))


def quiet(starts_at: time, ends_at: time, time_zone: str = BERLIN) -> QuietHours:
    return QuietHours(user_id=new_id(), starts_at=starts_at, ends_at=ends_at, time_zone=time_zone)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


NIGHT = quiet(time(22), time(7))
SIESTA = quiet(time(13), time(15, 30), "Asia/Kolkata")


@pytest.mark.parametrize(
    ("hours", "moment", "over"),
    [
        (NIGHT, "2026-05-31T21:59:59+02:00", None),
        (NIGHT, "2026-05-31T22:00:00+02:00", "2026-06-01T07:00:00+02:00"),
        (NIGHT, "2026-06-01T00:00:00+02:00", "2026-06-01T07:00:00+02:00"),
        (NIGHT, "2026-06-01T06:59:59+02:00", "2026-06-01T07:00:00+02:00"),
        (NIGHT, "2026-06-01T07:00:00+02:00", None),
        (SIESTA, "2026-05-31T14:00:00+05:30", "2026-05-31T15:30:00+05:30"),
        (SIESTA, "2026-05-31T12:00:00+05:30", None),
        (SIESTA, "2026-05-31T16:00:00+05:30", None),
    ],
)
def test_quiet_hours_by_the_wall(hours: QuietHours, moment: str, over: str | None) -> None:
    assert hours.end_after(at(moment)) == at(over or moment)


@pytest.mark.parametrize(
    ("hours", "moment", "over"),
    [
        (NIGHT, "2026-03-28T22:00:00+01:00", "2026-03-29T07:00:00+02:00"),
        (NIGHT, "2026-10-24T22:00:00+02:00", "2026-10-25T07:00:00+01:00"),
        # An end that is left out, at 02:30, is as much later as the clock was put forward.
        (quiet(time(22), time(2, 30)), "2026-03-29T01:59:00+01:00", "2026-03-29T03:30:00+02:00"),
        # One that comes twice is the next to come.
        (quiet(time(22), time(2, 30)), "2026-10-25T02:15:00+02:00", "2026-10-25T02:30:00+02:00"),
        (quiet(time(22), time(2, 30)), "2026-10-25T02:15:00+01:00", "2026-10-25T02:30:00+01:00"),
        (quiet(time(22), time(2, 30)), "2026-10-25T02:45:00+02:00", None),
    ],
)
def test_quiet_hours_when_the_clock_is_changed(
    hours: QuietHours, moment: str, over: str | None
) -> None:
    assert hours.end_after(at(moment)) == at(over or moment)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)),
    CLOCK,
    CLOCK,
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_quiet_hours_are_over_within_a_day_and_never_before_now(
    moment: datetime, starts_at: time, ends_at: time, zone: str
) -> None:
    assume(starts_at != ends_at)
    moment = moment.replace(tzinfo=UTC)
    hours = quiet(starts_at, ends_at, zone)
    over = hours.end_after(moment)
    assert moment <= over <= moment + timedelta(hours=26)
    if over != moment:
        there, before = (one.astimezone(ZoneInfo(zone)) for one in (over, over - HOUR))
        assert there.time() == ends_at or there.utcoffset() != before.utcoffset()
        assert there.time() != ends_at or hours.end_after(over) == over


def test_quiet_hours_of_no_length() -> None:
    with pytest.raises(InvalidInput):
        quiet(time(7), time(7)).ensure_valid()

"""Hours by the vendor's own clock: past midnight, across zones, and when clocks are changed."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models.chat.hours import OpeningSpan, WeeklyHours

BERLIN, NEW_YORK, KOLKATA = "Europe/Berlin", "America/New_York", "Asia/Kolkata"
MINUTES = 24 * 60


def hours(*spans: tuple[int, str, str]) -> WeeklyHours:
    names = ("weekday", "opens", "closes")
    return WeeklyHours.model_validate(
        {"spans": [dict(zip(names, one, strict=True)) for one in spans]}
    )


@pytest.mark.parametrize(
    ("moment", "zone", "answers"),
    [
        ("2026-06-07T23:59:59+02:00", BERLIN, False),  # a Sunday
        ("2026-06-08T00:00:00+02:00", BERLIN, True),
        ("2026-06-08T01:59:59+02:00", BERLIN, True),
        ("2026-06-08T02:00:00+02:00", BERLIN, False),
        ("2026-06-08T21:59:59+02:00", BERLIN, False),
        ("2026-06-08T22:00:00+02:00", BERLIN, True),
        ("2026-06-08T23:59:59.999999+02:00", BERLIN, True),
        ("2026-06-09T00:00:00+02:00", BERLIN, False),
        ("2026-06-08T18:30:00Z", KOLKATA, False),  # Tuesday, 0:00
        ("2026-06-07T18:30:00Z", KOLKATA, True),  # Monday, 0:00
        ("2026-06-08T04:00:00Z", NEW_YORK, True),
        ("2026-06-08T03:59:59Z", NEW_YORK, False),
    ],
)
def test_hours_around_midnight(moment: str, zone: str, answers: bool) -> None:
    monday = hours((1, "00:00", "02:00"), (1, "22:00", "00:00"))
    assert monday.open_at(datetime.fromisoformat(moment), zone) is answers


@pytest.mark.parametrize(
    ("moment", "zone", "answers"),
    [
        # 2:00 becomes 3:00 on Sunday 2026-03-29 in Berlin: 2:30 isn't there.
        ("2026-03-29T00:59:59Z", BERLIN, False),
        ("2026-03-29T01:00:00Z", BERLIN, False),
        # 3:00 becomes 2:00 on Sunday 2026-10-25: 2:30 is there twice.
        ("2026-10-25T00:29:59Z", BERLIN, True),
        ("2026-10-25T00:30:00Z", BERLIN, False),
        ("2026-10-25T01:00:00Z", BERLIN, True),
        ("2026-10-25T01:30:00Z", BERLIN, False),
        # 2:00 becomes 1:00 on Sunday 2026-11-01 in New York, after 2:00 is reached once.
        ("2026-11-01T06:59:59Z", NEW_YORK, False),
        ("2026-11-01T07:00:00Z", NEW_YORK, True),
        # India's clocks stay.
        ("2026-10-24T20:59:59Z", KOLKATA, True),
        ("2026-10-24T21:00:00Z", KOLKATA, False),
    ],
)
def test_hours_when_clocks_are_changed(moment: str, zone: str, answers: bool) -> None:
    sunday = hours((7, "02:00", "02:30"))
    assert sunday.open_at(datetime.fromisoformat(moment), zone) is answers


def test_hours_are_in_wall_clock_time() -> None:
    monday = hours((1, "09:00", "18:00"))
    for day, opens in (("2026-01-05", "08:00"), ("2026-07-06", "07:00")):
        moment = datetime.fromisoformat(f"{day}T{opens}:00Z")
        assert monday.open_at(moment, BERLIN)
        assert not monday.open_at(moment - timedelta(seconds=1), BERLIN)


def test_hours_that_are_not_given_are_always() -> None:
    assert WeeklyHours().open_at(datetime.now(UTC), BERLIN)


def clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


@st.composite
def weeks(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    """Spans as day, first minute and minute after the last, some of which overlap."""
    first = st.integers(0, MINUTES - 1)
    starts = draw(st.lists(st.tuples(st.integers(1, 7), first), max_size=28))
    return [(day, start, draw(st.integers(start + 1, MINUTES))) for day, start in starts]


@settings(deadline=None)
@given(week=weeks(), day=st.integers(1, 7), minute=st.integers(0, MINUTES - 1))
def test_hours_are_the_minutes_of_their_spans_or_refused(
    week: list[tuple[int, int, int]], day: int, minute: int
) -> None:
    spans = [
        OpeningSpan(weekday=one, opens=clock(start), closes=clock(end)) for one, start, end in week
    ]
    covered: list[Any] = [(one, at) for one, start, end in week for at in range(start, end)]
    if len(set(covered)) < len(covered):
        with pytest.raises(ValidationError, match="overlap"):
            WeeklyHours(spans=spans)
        return
    moment = datetime(2026, 5, 31, tzinfo=UTC) + timedelta(days=day, minutes=minute)
    assert WeeklyHours(spans=spans).open_at(moment, "UTC") is (not week or (day, minute) in covered)


@given(opens=st.times(), closes=st.times())
def test_a_span_is_whole_minutes_of_one_day_or_refused(opens: time, closes: time) -> None:
    whole = not any((opens.second, opens.microsecond, closes.second, closes.microsecond))
    if whole and (closes > opens or closes == time.min):
        assert OpeningSpan(weekday=1, opens=opens, closes=closes)
    else:
        with pytest.raises(ValidationError):
            OpeningSpan(weekday=1, opens=opens, closes=closes)

"""When a vendor is open, also across the days on which clocks are changed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vendors.hours import Calendar, Interval, Minutes, Opening

BERLIN, KOLKATA, NEW_YORK = map(ZoneInfo, ("Europe/Berlin", "Asia/Kolkata", "America/New_York"))
SATURDAY, SUNDAY = 6, 7
HOUR = 60


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(found: Sequence[Interval]) -> list[tuple[str, str]]:
    return [(f"{one.starts_at:%d %H:%M}", f"{one.ends_at:%d %H:%M}") for one in found]


def opened(
    weekly: Mapping[int, Sequence[Minutes]], moment: str, zone: ZoneInfo = BERLIN, **more: object
) -> list[tuple[str, str]]:
    calendar = Calendar(zone, weekly, **more)  # type: ignore[arg-type]
    return times(calendar.open_from(at(moment)))


BAR = {SATURDAY: [Minutes(20 * HOUR, 26 * HOUR + 30)]}  # 20:00 to 02:30


def test_a_bar_opens_once_in_the_night_with_two_half_past_two() -> None:
    """On 2026-10-25, 02:30 comes twice. It closes at the second one, 01:30 UTC."""
    found = opened(BAR, "2026-10-24T12:00")
    assert found[:2] == [("24 18:00", "25 01:30"), ("31 19:00", "01 01:30")]


def test_a_bar_closes_on_time_in_the_night_without_half_past_two() -> None:
    """On 2026-03-29, 02:30 is skipped. It closes an hour later, at 03:30: 01:30 UTC."""
    found = opened(BAR, "2026-03-28T12:00")
    assert found[0] == ("28 19:00", "29 01:30")


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("2026-10-25T00:45", True),  # the first 02:45
        ("2026-10-25T01:15", True),  # the second 02:15
        ("2026-10-25T01:45", False),  # the second 02:45
        ("2026-03-29T00:59", True),  # 01:59
        ("2026-03-29T01:15", True),  # 03:15
        ("2026-03-29T01:30", False),
    ],
)
def test_the_bar_is_open(moment: str, first: bool) -> None:
    (interval, *_) = Calendar(BERLIN, BAR).open_from(at(moment))
    opening = Opening(True, *interval)
    assert opening.open_at(at(moment)) is first


def test_an_opening_in_the_lost_hour_moves_forward() -> None:
    weekly = {SUNDAY: [Minutes(2 * HOUR + 30, 6 * HOUR)]}
    assert opened(weekly, "2026-03-28T12:00")[0] == ("29 01:30", "29 04:00")  # 03:30 in Berlin


def test_an_opening_in_the_repeated_hour_is_at_its_first_occurrence() -> None:
    weekly = {SUNDAY: [Minutes(2 * HOUR + 30, 6 * HOUR)]}
    assert opened(weekly, "2026-10-24T12:00")[0] == ("25 00:30", "25 05:00")


def test_spans_that_touch_in_the_repeated_hour_are_one() -> None:
    weekly = {SUNDAY: [Minutes(60, 150), Minutes(150, 300)]}
    assert opened(weekly, "2026-10-24T12:00")[0] == ("24 23:00", "25 04:00")


def test_a_break_in_the_lost_hour_vanishes() -> None:
    weekly = {SUNDAY: [Minutes(60, 120), Minutes(150, 300)]}
    assert opened(weekly, "2026-03-28T12:00")[:2] == [
        ("29 00:00", "29 01:00"),
        ("29 01:30", "29 03:00"),
    ]


def test_a_zone_without_changes() -> None:
    weekly = {SUNDAY: [Minutes(9 * HOUR, 13 * HOUR), Minutes(14 * HOUR, 18 * HOUR)]}
    found = opened(weekly, "2026-10-25T00:00", KOLKATA)
    assert found[:2] == [("25 03:30", "25 07:30"), ("25 08:30", "25 12:30")]


def test_a_vendor_that_is_always_open_has_one_time_and_no_end_in_sight() -> None:
    weekly = {weekday: [Minutes(0, 24 * HOUR)] for weekday in range(1, 8)}
    moment = at("2026-10-24T12:00")
    (interval,) = Calendar(NEW_YORK, weekly).open_from(moment)
    opening = Opening(True, *interval)
    assert opening.open_at(moment)
    assert opening.closes_after(moment) is None
    assert opening.opens_after(moment) is None


def test_the_current_time_has_begun_yesterday() -> None:
    assert opened(BAR, "2026-11-07T23:30")[0] == ("07 19:00", "08 01:30")


def test_a_special_day_precedes_a_holiday_and_that_the_weekday() -> None:
    weekly = {weekday: [Minutes(10 * HOUR, 18 * HOUR)] for weekday in range(1, 8)}
    days = {
        date(2026, 12, 24): [Minutes(10 * HOUR, 13 * HOUR)],
        date(2026, 12, 26): [Minutes(12 * HOUR, 14 * HOUR)],
    }
    holidays = {date(2026, 12, 25), date(2026, 12, 26)}
    found = opened(weekly, "2026-12-24T00:00", days=days, holidays=holidays)
    assert found[:3] == [
        ("24 09:00", "24 12:00"),
        ("26 11:00", "26 13:00"),
        ("27 09:00", "27 17:00"),
    ]


def test_a_night_before_a_closed_day_is_as_long_as_usual() -> None:
    days: dict[date, list[Minutes]] = {date(2026, 11, 8): []}
    assert opened(BAR, "2026-11-07T12:00", days=days)[0] == ("07 19:00", "08 01:30")


@pytest.mark.parametrize(
    ("opening", "shown"),
    [
        (Opening(), (None, None, None)),
        (Opening(known=True), (False, None, None)),
        (Opening(True, at("2026-11-07T13:00"), at("2026-11-07T14:00")), (False, 13, None)),
        (Opening(True, at("2026-11-07T12:00"), at("2026-11-07T14:00")), (True, None, 14)),
    ],
)
def test_openings(opening: Opening, shown: tuple[bool | None, int | None, int | None]) -> None:
    moment = at("2026-11-07T12:00")
    opens, closes = opening.opens_after(moment), opening.closes_after(moment)
    hours = (opens and opens.hour, closes and closes.hour)
    assert (opening.open_at(moment), *hours) == shown


SPANS = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(
    lambda span: Minutes(span[0], span[0] + span[1])
)


@given(
    weekly=st.dictionaries(st.integers(1, 7), st.lists(SPANS, max_size=4), max_size=7),
    zone=st.sampled_from([BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), KOLKATA]),
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_times_are_apart_and_in_order(
    weekly: dict[int, list[Minutes]], zone: ZoneInfo, day: date
) -> None:
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = Calendar(zone, weekly).open_from(moment)
    assert all(one.starts_at < one.ends_at for one in found)
    assert all(one.ends_at < later.starts_at for one, later in pairwise(found))
    assert all(one.ends_at > moment for one in found)
    assert all(one.starts_at < moment + timedelta(days=17) for one in found)

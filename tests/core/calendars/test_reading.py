"""Busy times of calendars of any origin: repeated, on whole days, without a zone, and hostile."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendars import sandbox_process
from core.calendars.reading import (
    BusyTime,
    CalendarWindow,
    NoCalendar,
    days_around,
    joined,
    read_busy_times,
)
from core.calendars.sandbox import CalendarTooComplex, read_busy_times_in_sandbox
from tests.core.calendars.zones import CHANGE_DAYS

ZONE = "Europe/Berlin"
WINDOW = CalendarWindow(datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC))


def calendar(*lines: str, head: str = "") -> bytes:
    """Return a calendar with one entry of these lines."""
    event = "\r\n".join(("BEGIN:VEVENT", "UID:one", "DTSTAMP:20270101T000000Z", *lines))
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{event}\r\nEND:VEVENT\r\nEND:VCALENDAR".encode()
    )


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc] # of a date


def read(*lines: str, head: str = "") -> list[tuple[datetime, datetime]]:
    return [found[:2] for found in read_busy_times(calendar(*lines, head=head), ZONE, WINDOW)]


def test_a_rule_keeps_its_wall_time_over_a_change() -> None:
    found = read(
        f"DTSTART;TZID={ZONE}:20270327T090000",
        f"DTEND;TZID={ZONE}:20270327T100000",
        "RRULE:FREQ=DAILY;COUNT=3",
        f"EXDATE;TZID={ZONE}:20270328T090000",
    )
    assert found == [
        (utc(2027, 3, 27, 8), utc(2027, 3, 27, 9)),
        (utc(2027, 3, 29, 7), utc(2027, 3, 29, 8)),
    ]


def test_whole_days_are_days_of_the_place() -> None:
    """The day on which clocks go forward has 23 hours."""
    found = read("DTSTART;VALUE=DATE:20270328", "DTEND;VALUE=DATE:20270329")
    assert found == [(utc(2027, 3, 27, 23), utc(2027, 3, 28, 22))]


def test_times_without_a_zone_are_those_of_the_calendar_or_of_the_place() -> None:
    lines = "DTSTART:20270310T090000", "DTEND:20270310T093030"
    assert read(*lines) == [(utc(2027, 3, 10, 8), utc(2027, 3, 10, 8, 31))]
    head = "X-WR-TIMEZONE:Asia/Kolkata\r\n"
    assert read(*lines, head=head) == [(utc(2027, 3, 10, 3, 30), utc(2027, 3, 10, 4, 1))]


@pytest.mark.parametrize(
    "line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"]
)
def test_what_is_free_or_cancelled_is_left_out(line: str) -> None:
    assert read("DTSTART:20270310T090000Z", "DTEND:20270310T100000Z", line) == []


def test_a_time_is_cut_at_the_window() -> None:
    assert read("DTSTART:20270101T000000Z", "DTEND:20280101T000000Z") == [tuple(WINDOW)]


@pytest.mark.parametrize("zone", CHANGE_DAYS)
def test_a_rule_has_the_instants_of_its_zone(zone: str) -> None:
    """The oracle makes each wall time an instant of its own."""
    day = CHANGE_DAYS[zone][0] - timedelta(days=2)
    start = datetime.combine(day, time(12, 15))
    content = calendar(
        f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}", "DURATION:PT45M", "RRULE:FREQ=DAILY;COUNT=5"
    )
    window = days_around(start.replace(tzinfo=UTC), 30)
    found = [one.starts_at for one in read_busy_times(content, ZONE, window)]
    walls = [start + timedelta(days=number) for number in range(5)]
    assert found == [wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for wall in walls]


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"BEGIN:VCALENDAR\r\n", b"BEGIN:VEVENT\r\nEND:VEVENT", b"\xff\0"]
)
def test_other_files_are_no_calendars(content: bytes) -> None:
    with pytest.raises(NoCalendar):
        read_busy_times(content, ZONE, WINDOW)


@pytest.mark.parametrize(
    "lines",
    [
        ["SUMMARY:No start"],
        ["DTSTART:tomorrow", "DTEND:20270310T110000Z"],
        ["DTSTART:20270310T100000Z", "DTSTART:20270311T100000Z", "DTEND:20270312T110000Z"],
        ["DTSTART:00010101T000000Z", "DTEND:20270310T110000Z"],
        ["DTSTART:20270310T100000Z", "DTEND:99991231T235959Z"],
        ["DTSTART:20270310T100000Z", "DTEND:20270310T110000Z", "DTEND:20270310T120000Z"],
        ["DTSTART:00010101T000000Z", "DURATION:PT1H", "RRULE:FREQ=NEVER"],
    ],
)
def test_an_entry_that_cannot_be_read_hides_no_other(lines: list[str]) -> None:
    other = (
        "BEGIN:VEVENT\r\nUID:other\r\nDTSTART:20270312T100000Z\r\n"
        "DTEND:20270312T110000Z\r\nEND:VEVENT\r\n"
    )
    assert read(*lines, head=other) == [(utc(2027, 3, 12, 10), utc(2027, 3, 12, 11))]


@pytest.mark.parametrize("zone", ['"Amsterdam, Berlin, Madrid, Paris"', "Customized Time Zone"])
def test_days_and_times_of_an_unknown_zone_are_those_of_the_place(zone: str) -> None:
    day = f"DTSTART;VALUE=DATE;TZID={zone}:20270310", f"DTEND;VALUE=DATE;TZID={zone}:20270311"
    assert read(*day) == [(utc(2027, 3, 9, 23), utc(2027, 3, 10, 23))]
    hour = f"DTSTART;TZID={zone}:20270310T100000", f"DTEND;TZID={zone}:20270310T110000"
    assert read(*hour) == [(utc(2027, 3, 10, 9), utc(2027, 3, 10, 10))]


def test_times_that_touch_are_joined() -> None:
    first, second, third, other = (
        BusyTime(utc(2027, 3, 1, start), utc(2027, 3, 1, end), "x")
        for start, end in ((9, 10), (10, 11), (9, 12), (13, 14))
    )
    assert joined([other, second, first, third]) == [
        BusyTime(utc(2027, 3, 1, 9), utc(2027, 3, 1, 12)),
        BusyTime(utc(2027, 3, 1, 13), utc(2027, 3, 1, 14)),
    ]


def test_the_window_begins_the_day_before() -> None:
    window = days_around(utc(2027, 3, 10, 15), 366)
    assert window.starts_at.date() == date(2027, 3, 9)
    assert window.ends_at - window.starts_at == timedelta(days=366)


async def test_the_sandbox_reads_a_calendar() -> None:
    content = calendar("DTSTART:20270310T090000Z", "DTEND:20270310T100000Z")
    assert await read_busy_times_in_sandbox(content, ZONE, WINDOW) == [
        BusyTime(utc(2027, 3, 10, 9), utc(2027, 3, 10, 10), "one")
    ]
    with pytest.raises(NoCalendar):
        await read_busy_times_in_sandbox(b"no", ZONE, WINDOW)


async def test_the_sandbox_ends_with_a_rule_that_has_too_many_times() -> None:
    content = calendar("DTSTART:20270310T090000Z", "DTEND:20270310T100000Z", "RRULE:FREQ=MINUTELY")
    assert sandbox_process.MAX_TIMES < 24 * 60 * 22
    with pytest.raises(CalendarTooComplex):
        await read_busy_times_in_sandbox(content, ZONE, WINDOW)

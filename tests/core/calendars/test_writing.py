"""Calendars that are read back: the same instants in 13 zones, also on days of change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar, Timezone

from core.calendars.writing import (
    CalendarEntry,
    EntryStatus,
    Guest,
    Method,
    write_feed,
    write_invitation,
)
from core.calendars.zones import rules_of
from tests.core.calendars.zones import CHANGE_DAYS

STEP = timedelta(minutes=30)
MOVED = "Unknown/"  # zones of which a reader has nothing but the file


def instants(zone: str) -> Iterator[datetime]:
    """Yield each half hour of the days of change, and of the days before and after."""
    for day in CHANGE_DAYS[zone]:
        start = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
        for step in range(-48, 2 * 48):
            yield start + step * STEP


def entry(starts_at: datetime, zone: str, number: int = 0) -> CalendarEntry:
    return CalendarEntry(
        uid=f"{zone}-{number}",
        sequence=3,
        status=EntryStatus.CONFIRMED,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=75),
        time_zone=zone,
        changed_at=datetime(2027, 1, 1, tzinfo=UTC),
        title="Visit; with a comma, and more\nlines",
    )


def entries(zone: str) -> list[CalendarEntry]:
    return [entry(moment, zone, number) for number, moment in enumerate(instants(zone))]


def spans(content: bytes) -> dict[str, tuple[datetime, datetime]]:
    """Return the start and the end of each entry, as a reader that expands rules sees them."""
    calendar = Calendar.from_ical(content)
    found = recurring_ical_events.of(calendar).between(date(2027, 1, 1), date(2028, 1, 1))
    return {str(one["UID"]): (one.start.astimezone(UTC), one.end.astimezone(UTC)) for one in found}


def changes(rules: Timezone) -> set[tuple[datetime, timedelta]]:
    """Return when a zone's clocks change and to which distance, as RFC 5545 defines it.

    An onset is a wall time before the change.
    """
    return {
        ((part.DTSTART - part.TZOFFSETFROM).replace(tzinfo=UTC), part.TZOFFSETTO)
        for part in rules.subcomponents
        if part.TZOFFSETFROM != part.TZOFFSETTO
    }


@pytest.mark.parametrize("zone", CHANGE_DAYS)
def test_a_reader_sees_the_same_instants(zone: str) -> None:
    written = entries(zone)
    content = write_feed(written, name="Mine", time_zone=zone)
    assert spans(content) == {one.uid: (one.starts_at, one.ends_at) for one in written}


@pytest.mark.parametrize("zone", CHANGE_DAYS)
def test_a_reader_without_the_zone_sees_the_same_instants(zone: str) -> None:
    written = entries(zone)
    content = write_feed(written, name="Mine", time_zone=zone)
    moved = content.replace(f"TZID={zone}".encode(), f"TZID={MOVED}{zone}".encode())
    moved = moved.replace(f"TZID:{zone}".encode(), f"TZID:{MOVED}{zone}".encode())
    assert b"VTIMEZONE" in moved
    assert spans(moved) == {one.uid: (one.starts_at, one.ends_at) for one in written}


@pytest.mark.parametrize("zone", CHANGE_DAYS)
def test_the_rules_of_a_zone_have_its_changes(zone: str) -> None:
    """Compare the rules with the zone itself, half hour by half hour."""
    rules = rules_of(zone, 2026, 2028)
    found = {change for change in changes(rules) if change[0].year == 2027}
    moment, known = datetime(2027, 1, 1, tzinfo=UTC), set()
    while moment.year == 2027:
        before, after = (
            one.astimezone(ZoneInfo(zone)).utcoffset() for one in (moment, moment + STEP)
        )
        if after is not None and before != after:
            known.add((moment + STEP, after))
        moment += STEP
    assert found == known


def test_an_entry_has_what_calendars_compare() -> None:
    written = entry(datetime(2027, 5, 1, 8, tzinfo=UTC), "Europe/Berlin")
    content = write_feed([written], name="Mine", time_zone="Europe/Berlin")
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert (event["UID"], event["SEQUENCE"]) == (written.uid, 3)
    assert b"DTSTART;TZID=Europe/Berlin:20270501T100000" in content
    assert event["SUMMARY"] == written.title
    assert b"X-WR-TIMEZONE:Europe/Berlin" in content
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in content
    assert b"X-PUBLISHED-TTL:PT1H" in content
    assert b"METHOD" not in content


@pytest.mark.parametrize("method", Method)
def test_a_file_of_a_mail_has_its_method_and_people(method: Method) -> None:
    written = entry(datetime(2027, 5, 1, 8, tzinfo=UTC), "Asia/Kolkata")
    content = write_invitation(written, Guest("haat@example.com", "asha@example.com"), method)
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == method
    assert event["ORGANIZER"] == "mailto:haat@example.com"
    assert event["ATTENDEE"] == "mailto:asha@example.com"
    assert b"BEGIN:VTIMEZONE" in content


def test_a_feed_without_entries_is_a_calendar() -> None:
    assert spans(write_feed([], name="Mine", time_zone="UTC")) == {}

"""Writes calendars: times with their time zones' rules, read by any app as the same instants."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration, vText

from core.calendars.zones import rules_of

PRODUCT = "-//Haat//Bookings//EN"
REFRESH = timedelta(hours=1)
UNAMBIGUOUS = ZoneInfo("Etc/GMT-1")  # always an hour ahead of UTC


class EntryStatus(StrEnum):
    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


class Method(StrEnum):
    """The request of a mail to the calendar of its reader (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class CalendarEntry(NamedTuple):
    """An entry. A calendar replaces the one of the same `uid` and a lower `sequence`."""

    uid: str
    sequence: int
    status: EntryStatus
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    changed_at: datetime
    title: str
    place: str = ""
    details: str = ""


class Guest(NamedTuple):
    """The email addresses of the vendor's side and of the customer."""

    organizer: str
    attendee: str


def write_feed(entries: Sequence[CalendarEntry], *, name: str, time_zone: str) -> bytes:
    """Return a calendar that apps subscribe to, and read again each hour."""
    calendar = _new_calendar()
    calendar.add("X-WR-CALNAME", vText(name))
    calendar.add("X-WR-TIMEZONE", vText(time_zone))
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    for entry in entries:
        calendar.add_component(_event(entry))
    return _finish(calendar, entries)


def write_invitation(
    entry: CalendarEntry, guest: Guest, method: Method, alarms: Iterable[timedelta] = ()
) -> bytes:
    """Return the file of a mail that adds an entry to a calendar, changes it or takes it away."""
    calendar = _new_calendar()
    calendar.add("METHOD", method.value)
    event = _event(entry)
    event.add("ORGANIZER", _address(guest.organizer))
    attendee = _address(guest.attendee)
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"  # the app answers, no mail does
    event.add("ATTENDEE", attendee)
    for before in alarms:
        alarm = Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", entry.title)
        alarm.add("TRIGGER", -before)
        event.add_component(alarm)
    calendar.add_component(event)
    return _finish(calendar, [entry])


def _new_calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    event.add("STATUS", entry.status.value)
    event.add("DTSTAMP", entry.changed_at)
    event.add("LAST-MODIFIED", entry.changed_at)
    for name, moment in zip(("DTSTART", "DTEND"), _times(entry), strict=True):
        event.add(name, moment)
    event.add("SUMMARY", entry.title)
    if entry.place:
        event.add("LOCATION", entry.place)
    if entry.details:
        event.add("DESCRIPTION", entry.details)
    return event


def _times(entry: CalendarEntry) -> tuple[datetime, datetime]:
    """Return the times in the entry's zone, or in one without changes if readers could err.

    A wall time that comes twice is the first of the two (RFC 5545, 3.3.5): the second one cannot be
    written. UTC would not do, because some readers turn it into `X-WR-TIMEZONE`, and err there.
    """
    zone = ZoneInfo(entry.time_zone)
    start, end = entry.starts_at.astimezone(zone), entry.ends_at.astimezone(zone)
    if start.fold or end.fold:
        return entry.starts_at.astimezone(UNAMBIGUOUS), entry.ends_at.astimezone(UNAMBIGUOUS)
    return start, end


def _finish(calendar: Calendar, entries: Sequence[CalendarEntry]) -> bytes:
    """Add the rules of the time zones for the years of the entries."""
    if not entries:
        return bytes(calendar.to_ical())
    first = min(entry.starts_at for entry in entries).year
    last = max(entry.ends_at for entry in entries).year
    for zone in sorted(calendar.get_missing_tzids()):
        calendar.subcomponents.insert(0, rules_of(zone, first - 1, last + 1))
    return bytes(calendar.to_ical())


def _address(email: str) -> vCalAddress:
    return vCalAddress(f"mailto:{email}")

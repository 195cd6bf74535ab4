"""Reads busy times from calendars of any origin.

It runs in a sandbox: a rule that repeats an entry can be endless work.
"""

from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component, Event, vDDDTypes


class NoCalendar(Exception):
    """The file is not a calendar."""


class BusyTime(NamedTuple):
    """A time at which someone is busy, in whole minutes. `uid` is that of its entry."""

    starts_at: datetime
    ends_at: datetime
    uid: str = ""


class CalendarWindow(NamedTuple):
    starts_at: datetime
    ends_at: datetime


def read_busy_times(content: bytes, zone: str, window: CalendarWindow) -> list[BusyTime]:
    """Return the times of a window at which a calendar has entries, repeated ones included.

    Whole days, and times without a zone, are those of `zone`. What is free, cancelled or without
    length is left out, and so is an entry whose times cannot be read: the others still count.
    Raises `NoCalendar`.
    """
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise NoCalendar from error
    if not calendars or any(not isinstance(one, Calendar) for one in calendars):
        raise NoCalendar
    found: list[BusyTime] = []
    for calendar in calendars:
        _remove_unreadable(calendar)
        query = recurring_ical_events.of(calendar, skip_bad_series=True)
        # A margin for times without a zone, which are compared as those of any.
        margin = timedelta(days=1)
        events = query.between(window.starts_at - margin, window.ends_at + margin)
        found += _busy_times(events, ZoneInfo(zone), window)
    return found


def _remove_unreadable(calendar: Component) -> None:
    """Remove the entries without one start, and those that begin or end beyond all calendars."""
    calendar.subcomponents = [
        one
        for one in calendar.subcomponents
        if not isinstance(one, Event)
        or (_has_time(one, "DTSTART") and ("DTEND" not in one or _has_time(one, "DTEND")))
    ]


def _has_time(event: Event, name: str) -> bool:
    """Return whether a property is there once, in a year that time zones can be applied to."""
    value = event.get(name)
    return isinstance(value, vDDDTypes) and MINYEAR < getattr(value.dt, "year", 0) < MAXYEAR


def _busy_times(
    events: Iterable[Event], zone: ZoneInfo, window: CalendarWindow
) -> Iterator[BusyTime]:
    for event in events:
        if not _is_busy(event):
            continue
        starts_at = max(_whole_minute(_instant(event.start, zone)), window.starts_at)
        ends_at = _instant(event.end, zone)
        if ends_at > (whole := _whole_minute(ends_at)):
            ends_at = whole + timedelta(minutes=1)
        ends_at = min(ends_at, window.ends_at)
        if starts_at < ends_at:
            yield BusyTime(starts_at, ends_at, str(event.get("UID", "")))


def _is_busy(event: Event) -> bool:
    free = {
        "TRANSP": "TRANSPARENT",
        "STATUS": "CANCELLED",
        "X-MICROSOFT-CDO-BUSYSTATUS": "FREE",
    }
    is_free = any(str(event.get(name, "")).upper() == value for name, value in free.items())
    return not is_free and event.start != event.end


def _instant(moment: Any, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), zone)
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    found: datetime = moment.astimezone(UTC)
    return found


def _whole_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def days_around(moment: datetime, days: int) -> CalendarWindow:
    """Return the window from the day before a moment for so many days, both in UTC."""
    day: date = moment.astimezone(UTC).date()
    start = datetime.combine(day - timedelta(days=1), time(), UTC)
    return CalendarWindow(start, start + timedelta(days=days))


def joined(times: Iterable[BusyTime]) -> list[BusyTime]:
    """Return the times without their entries, and those that touch or overlap as one."""
    found: list[BusyTime] = []
    for one in sorted(times):
        if found and one.starts_at <= found[-1].ends_at:
            last = found.pop()
            found.append(BusyTime(last.starts_at, max(last.ends_at, one.ends_at)))
        else:
            found.append(BusyTime(one.starts_at, one.ends_at))
    return found

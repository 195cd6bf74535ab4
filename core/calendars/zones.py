"""The rules of time zones, as calendars carry them.

`Timezone.from_tzid` of icalendar steps over changes that are less than two months apart, such as
those of Morocco, and writes when clocks go forward as the wall time after the change.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class ClockChange(NamedTuple):
    """A change of clocks: the instant, and what they add to UTC before and after it."""

    at: datetime
    before: timedelta
    after: timedelta


@lru_cache(maxsize=500)
def rules_of(zone: str, first_year: int, last_year: int) -> Timezone:
    """Return the rules of a zone in some years. Readers apply the first ones before them too.

    Zones are those of vendors, with names of at most 64 characters.
    """
    info = ZoneInfo(zone)
    rules = Timezone()
    rules.add("TZID", zone)
    start = datetime(first_year, 1, 1, tzinfo=UTC)
    offset = _offset(start, info)
    rules.add_component(_part(ClockChange(start, offset, offset), info))
    for change in _changes(info, start, datetime(last_year + 1, 1, 1, tzinfo=UTC)):
        rules.add_component(_part(change, info))
    return rules


def _part(change: ClockChange, info: ZoneInfo) -> TimezoneDaylight | TimezoneStandard:
    """Return the rule from a change on. Its onset is the wall time before (RFC 5545, 3.6.5)."""
    local = change.at.astimezone(info)
    part = TimezoneDaylight() if local.dst() else TimezoneStandard()
    part.add("TZNAME", local.tzname() or str(change.after))
    part.TZOFFSETFROM, part.TZOFFSETTO = change.before, change.after
    part.DTSTART = (change.at + change.before).replace(tzinfo=None)
    return part


def _changes(info: ZoneInfo, start: datetime, end: datetime) -> Iterator[ClockChange]:
    day = start
    while day < end:
        before, after = _offset(day, info), _offset(day + DAY, info)
        if before != after:
            yield ClockChange(_first_minute(info, day, before), before, after)
        day += DAY


def _first_minute(info: ZoneInfo, day: datetime, before: timedelta) -> datetime:
    """Return the first minute of a day of UTC with another offset."""
    low, high = 0, DAY // MINUTE
    while low + 1 < high:
        middle = (low + high) // 2
        if _offset(day + middle * MINUTE, info) == before:
            low = middle
        else:
            high = middle
    return day + high * MINUTE


def _offset(moment: datetime, info: ZoneInfo) -> timedelta:
    return moment.astimezone(info).utcoffset() or timedelta()

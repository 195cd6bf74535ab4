"""Pieces of time in which the clocks of a zone keep their distance to UTC, in minutes since 1970.

A wall time is an instant in each piece in which clocks show it: none if they skip it, and two if
it comes twice. So nothing else needs to know that clocks change.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 24 * 60
MINUTE = timedelta(minutes=1)
EPOCH = date(1970, 1, 1)
_START = datetime(1970, 1, 1, tzinfo=UTC)


class Piece(NamedTuple):
    """Minutes of UTC, the end excluded, and what clocks add to them."""

    first: int
    end: int
    offset: int


def minute_of(moment: datetime) -> int:
    return (moment - _START) // MINUTE


def moment_of(minute: int) -> datetime:
    return _START + timedelta(minutes=minute)


def wall_day(minute: int, zone: str) -> date:
    """Return the local day of a minute."""
    return moment_of(minute).astimezone(ZoneInfo(zone)).date()


def first_minute(day: date) -> int:
    """Return the minute of UTC at which a day begins: its wall minutes are counted from it."""
    return (day - EPOCH).days * DAY


def pieces(zone: str, first: int, end: int) -> list[Piece]:
    """Return the pieces of a span of time."""
    return [
        Piece(max(piece.first, first), min(piece.end, end), piece.offset)
        for year in range(moment_of(first).year, moment_of(end).year + 1)
        for piece in _pieces_of_year(zone, year)
        if piece.first < end and piece.end > first
    ]


@lru_cache(maxsize=512)
def _pieces_of_year(zone: str, year: int) -> list[Piece]:
    """Return the pieces of a year of UTC. Clocks do not change twice in a day.

    Names of zones have at most 64 characters.
    """
    clock = ZoneInfo(zone)
    first, end = first_minute(date(year, 1, 1)), first_minute(date(year + 1, 1, 1))
    found: list[Piece] = []
    start, offset = first, _offset(clock, first)
    for minute in range(first, end, DAY):
        later = min(minute + DAY, end - 1)
        if _offset(clock, later) != offset:
            change = _change(clock, minute, later)
            found.append(Piece(start, change, offset))
            start, offset = change, _offset(clock, later)
    return [*found, Piece(start, end, offset)]


def _change(clock: ZoneInfo, before: int, after: int) -> int:
    """Return the first minute that has the offset of the later one."""
    offset = _offset(clock, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(clock, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(clock: ZoneInfo, minute: int) -> int:
    offset = moment_of(minute).astimezone(clock).utcoffset()
    return (offset or timedelta()) // MINUTE

"""Opening hours: the minutes at which a resource works, and at which a visit can start."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from core.minutes import Span, between, every
from models.bookings.setting_up.schedules import DAY_MINUTES
from models.bookings.setting_up.services import SlotAnchor
from services.bookings.slots.zones import Piece, first_minute, moment_of, pieces

Spans = tuple[Span, ...]


class MinuteWindow(NamedTuple):
    """The minutes that are computed, the end excluded. Sets of minutes count from `first`."""

    first: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.first

    @property
    def all(self) -> int:
        return between(0, self.size)

    def days(self, zone: str) -> Iterator[date]:
        """Yield the days that local clocks show. A day that clocks skip is none of them."""
        seen: set[date] = set()
        for piece in pieces(zone, self.first, self.end):
            day = moment_of(piece.first + piece.offset).date()
            last = moment_of(piece.end - 1 + piece.offset).date()
            while day <= last:
                if day not in seen:
                    seen.add(day)
                    yield day
                day += timedelta(days=1)


class Grid(NamedTuple):
    """The distance of starts, and what they are counted from."""

    step: int
    anchor: SlotAnchor


class Week(NamedTuple):
    """Weekly times from a local day until another, both included, as pairs for each weekday."""

    from_day: date
    until_day: date | None
    spans: tuple[Spans, ...]  # of Monday to Sunday

    def covers(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


class Hours(NamedTuple):
    """When a resource works: on a day of `days` its times, else those of the week that covers it.

    A room or a piece of equipment without any schedule is open on all other days.
    """

    zone: str
    weeks: tuple[Week, ...]
    days: Mapping[date, Spans]
    always: bool = False

    def on(self, day: date) -> Spans:
        if day in self.days:
            return self.days[day]
        if self.always:
            return ((0, DAY_MINUTES),)
        for week in self.weeks:
            if week.covers(day):
                return week.spans[day.weekday()]
        return ()

    def sets(self, window: MinuteWindow, grid: Grid, closed: Collection[date]) -> tuple[int, int]:
        """Return the minutes at which it works, and those at which a visit can start."""
        opens = tuple(
            (day, spans)
            for day in window.days(self.zone)
            if day not in closed and (spans := self.on(day))
        )
        return _sets(self.zone, window, grid, opens)


@lru_cache(maxsize=256)
def _sets(
    zone: str, window: MinuteWindow, grid: Grid, opens: tuple[tuple[date, Spans], ...]
) -> tuple[int, int]:
    """Return both sets. Many resources of a vendor have the same hours, and customers ask again.

    Names of zones have at most 64 characters.
    """
    works = starts = 0
    changes = pieces(zone, window.first, window.end)
    for day, spans in opens:
        midnight = first_minute(day)
        for opens_at, closes_at in spans:
            anchor = midnight + (opens_at if grid.anchor is SlotAnchor.OPENING else 0)
            for piece in changes:
                first, end = _inside(piece, midnight + opens_at, midnight + closes_at)
                if first < end:
                    start = first + (anchor - piece.offset - first) % grid.step
                    works |= between(first - window.first, end - window.first)
                    starts |= every(grid.step, start - window.first, end - window.first)
    return works, starts


def day_set(zone: str, window: MinuteWindow, day: date) -> int:
    """Return the minutes of a window that are on a local day."""
    minutes, midnight = 0, first_minute(day)
    for piece in pieces(zone, window.first, window.end):
        first, end = _inside(piece, midnight, midnight + DAY_MINUTES)
        minutes |= between(first - window.first, end - window.first)
    return minutes


def window_of_days(zone: str, from_day: date, until_day: date) -> MinuteWindow:
    """Return the window of local days, both included. It is empty if clocks skip them."""
    first, end = first_minute(from_day), first_minute(until_day) + DAY_MINUTES
    spans = [
        span
        for piece in pieces(zone, first - 2 * DAY_MINUTES, end + 2 * DAY_MINUTES)
        if (span := _inside(piece, first, end))[0] < span[1]
    ]
    return MinuteWindow(spans[0][0], spans[-1][1]) if spans else MinuteWindow(first, first)


def _inside(piece: Piece, first: int, end: int) -> Span:
    """Return the minutes of a piece at which clocks show wall minutes of a span."""
    return max(first - piece.offset, piece.first), min(end - piece.offset, piece.end)

"""Limits of a service that do not depend on its resources: notice, horizon, bookings of a day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from core.minutes import between
from models.bookings.slots import SlotReason
from services.bookings.slots.hours import MinuteWindow, day_set, window_of_days
from services.bookings.slots.zones import minute_of, moment_of, wall_day


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of a service at a moment.

    Notice is elapsed time. Horizon and daily limit are of local days of the vendor, never of the
    customer. `booked` are the bookings of each day, and `visits` those that would be added.
    """

    zone: str
    moment: datetime
    notice: int  # minutes
    horizon: int  # days
    per_day: int | None = None
    booked: Mapping[date, int] = field(default_factory=dict)
    visits: int = 1

    @property
    def earliest(self) -> int:
        """Return the first minute that is not before the end of the notice."""
        soonest = self.moment + timedelta(minutes=self.notice)
        return minute_of(soonest) + (not is_minute(soonest))

    @property
    def last_day(self) -> date:
        return wall_day(minute_of(self.moment), self.zone) + timedelta(days=self.horizon)

    def bookable(self, window: MinuteWindow) -> int:
        """Return the minutes of a window that no limit closes."""
        end = window_of_days(self.zone, self.last_day, self.last_day).end
        first, end = max(self.earliest, window.first), min(end, window.end)
        minutes = between(first - window.first, end - window.first)
        for day in self.booked:
            if self.is_full(day):
                minutes &= ~day_set(self.zone, window, day)
        return minutes

    def is_full(self, day: date) -> bool:
        return self.per_day is not None and self.booked.get(day, 0) + self.visits > self.per_day

    def reason(self, minute: int) -> SlotReason | None:
        """Return the limit that closes a minute."""
        if minute < self.earliest:
            return SlotReason.NOTICE
        day = wall_day(minute, self.zone)
        if day > self.last_day:
            return SlotReason.HORIZON
        return SlotReason.LIMIT if self.is_full(day) else None


def is_minute(moment: datetime) -> bool:
    """Return whether a time is a whole minute: no other is a start."""
    return moment == moment_of(minute_of(moment))

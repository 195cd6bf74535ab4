"""Days on which clocks are set forward or back at two or three o'clock, to come and past."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.clock import now

BERLIN = "Europe/Berlin"
# Clocks change there at the same local hours, in the other half of the year.
SYDNEY = "Australia/Sydney"
MAX_AHEAD = 360  # days; services can be booked for a year at most
KINDS = ("spring", "autumn")


@dataclass(frozen=True)
class Night:
    """A day of 23 hours in spring, without 2:00 to 3:00, or of 25 in autumn, with that twice."""

    zone: str
    day: date
    hours: int

    @classmethod
    def next(cls, kind: str) -> "Night":
        """Return the next one, in Berlin unless it is too far away to be booked."""
        for zone in (BERLIN, SYDNEY):
            for ahead in range(3, MAX_AHEAD):
                if found := cls._on(zone, kind, now().date() + timedelta(days=ahead)):
                    return found
        raise AssertionError("clocks do not change any more")

    @classmethod
    def last(cls, kind: str) -> "Night":
        """Return the last one in Berlin."""
        days = (now().date() - timedelta(days=ago) for ago in range(3, 400))
        return next(found for day in days if (found := cls._on(BERLIN, kind, day)))

    @classmethod
    def _on(cls, zone: str, kind: str, day: date) -> "Night | None":
        found = cls(zone, day, 23 if kind == "spring" else 25)
        return found if found.until - found.since == timedelta(hours=found.hours) else None

    @property
    def since(self) -> datetime:
        return self.at(0)

    @property
    def until(self) -> datetime:
        """Return the first instant of the next day."""
        return self.at(0, day=self.day + timedelta(days=1))

    def at(self, hour: int, minute: int = 0, *, fold: int = 0, day: date | None = None) -> datetime:
        """Return the instant of a wall time: the second one of two with `fold=1`."""
        local = datetime.combine(day or self.day, time(hour, minute), ZoneInfo(self.zone))
        return local.replace(fold=fold).astimezone(UTC)

    def half_hours(self) -> Iterator[datetime]:
        """Yield the instants of the day, every half an hour."""
        return (self.since + timedelta(minutes=30 * n) for n in range(2 * self.hours))

"""Months for which commission is billed, in the time zone of the operator."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Month:
    """A calendar month."""

    first: date
    zone: ZoneInfo

    @classmethod
    def before(cls, day: date, zone: ZoneInfo) -> Self:
        """Return the month before that of a day."""
        year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
        return cls(date(year, month, 1), zone)

    @classmethod
    def last_before(cls, day: date, zone: ZoneInfo, count: int) -> list[Self]:
        """Return so many months before that of a day, the earliest first."""
        months: list[Self] = []
        for _ in range(count):
            months.insert(0, cls.before(months[0].first if months else day, zone))
        return months

    @property
    def next(self) -> date:
        first = self.first
        return date(first.year + first.month // 12, first.month % 12 + 1, 1)

    @property
    def last(self) -> date:
        return date.fromordinal(self.next.toordinal() - 1)

    def at(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

"""Statements: the entries of an owner's accounts in a period, between two balances."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from models.errors import InvalidInput

MAX_STATEMENT_DAYS = 366


@dataclass(frozen=True)
class DateRange:
    """Days from the first to the last, both of which count."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date, last: date) -> Self:
        """Return the days. Raises `InvalidInput` if the last one is before the first one."""
        if last < first:
            raise InvalidInput("The last day is before the first one.", field=["until"])
        return cls(first, last)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def ensure_at_most(self, days: int) -> None:
        """Raise `InvalidInput` for a longer period."""
        if self.days > days:
            raise InvalidInput("Choose at most {most} days.", most=days, field=["until"])

    def times(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the time at which it begins in a time zone, and that at which it is over."""
        after = self.last + timedelta(days=1)
        return datetime.combine(self.first, time(), zone), datetime.combine(after, time(), zone)

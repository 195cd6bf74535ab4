"""Opening hours of vendors: by weekday, on special days, and on public holidays.

Spans are in minutes of local time since the midnight at which the day starts. One that ends past
midnight belongs to the day on which it begins.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, field_validator, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field, SQLModel

from models.base import Row, foreign_key, json, timestamp
from models.errors import InvalidInput, InvalidValue
from models.personal_data import delete_rows, of_others
from models.text import OneLine, one_line_constraint

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
MAX_WEEKLY_SPANS, MAX_DAY_SPANS, MAX_SPECIAL_DAYS = 28, 4, 60
MAX_DAYS_AHEAD = 366  # of special days
OPEN_DAYS = 14  # for which the times are computed
LONGEST = timedelta(days=7)  # that an open vendor's end is shown

DayName = Annotated[str, OneLine(80)]


class Minutes(NamedTuple):
    """A span of a day."""

    start: int
    end: int


class Interval(NamedTuple):
    starts_at: datetime
    ends_at: datetime


class VendorHours(Row, table=True):
    """A span of each week in which a vendor is open. Monday is 1."""

    __tablename__ = "vendor_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint(
            f"from_minute BETWEEN 0 AND {DAY_MINUTES - 1}"
            f" AND until_minute - from_minute BETWEEN 1 AND {DAY_MINUTES}",
            name="span",
        ),
        ExcludeConstraint(
            ("vendor_id", "="),
            ("weekday", "="),
            (text("int4range(from_minute, until_minute)"), "&&"),
            using="gist",
            name="vendor_hours_span_excl",
        ),
    )
    __privacy__ = of_others(none="weekday from_minute until_minute")

    vendor_id: UUID = foreign_key("vendor", index=False)
    weekday: int
    from_minute: int
    until_minute: int

    @property
    def opens(self) -> time:
        return clock_time(self.from_minute)

    @property
    def closes(self) -> time:
        return clock_time(self.until_minute)


class VendorDay(SQLModel, table=True):
    """A day on which a vendor has other hours than on its weekday. Without spans it is closed."""

    __tablename__ = "vendor_day"
    __table_args__ = (
        CheckConstraint(f"jsonb_array_length(spans) <= {MAX_DAY_SPANS}", name="spans"),
        one_line_constraint("name"),
        Index("vendor_day_day_idx", "day"),
    )
    __privacy__ = delete_rows(of="vendor_id", personal="name", none="day spans")

    vendor_id: UUID = foreign_key("vendor", primary_key=True, index=False)
    day: date = Field(primary_key=True)
    name: DayName | None = Field(default=None, max_length=80)
    spans: list[list[int]] = json(default_factory=list)

    @property
    def minutes(self) -> list[Minutes]:
        return [Minutes(*span) for span in self.spans]


class VendorOpen(SQLModel, table=True):
    """A time in which a vendor is open, computed from its hours for the next two weeks.

    Times that touch are one row, so its end is the time at which the vendor closes.
    """

    __tablename__ = "vendor_open"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="times"),
        ExcludeConstraint(
            ("vendor_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            name="vendor_open_during_excl",
        ),
        Index(
            "vendor_open_during_idx",
            text("tstzrange(starts_at, ends_at)"),
            postgresql_using="gist",
        ),
    )
    __privacy__ = of_others()

    vendor_id: UUID = foreign_key("vendor", primary_key=True, index=False)
    starts_at: datetime = timestamp(primary_key=True)
    ends_at: datetime = timestamp()


@dataclass(frozen=True)
class Calendar:
    """The hours of a vendor on each day.

    A special day takes precedence over a holiday, and a holiday over the weekday.
    """

    zone: ZoneInfo
    weekly: Mapping[int, Sequence[Minutes]] = field(default_factory=dict)
    days: Mapping[date, Sequence[Minutes]] = field(default_factory=dict)
    holidays: Collection[date] = ()

    def spans_on(self, day: date) -> Sequence[Minutes]:
        if day in self.days:
            return self.days[day]
        return () if day in self.holidays else self.weekly.get(day.isoweekday(), ())

    def open_from(self, moment: datetime) -> list[Interval]:
        """Return the times in the two weeks after a moment, the current one as a whole."""
        today = moment.astimezone(self.zone).date()
        days = (today + timedelta(days=number) for number in range(-1, OPEN_DAYS + 1))
        found = (
            Interval(self._first(day, span.start), self._last(day, span.end))
            for day in days
            for span in self.spans_on(day)
        )
        return [one for one in _merged(found) if one.ends_at > moment]

    def _first(self, day: date, minute: int) -> datetime:
        """Return the first instant of a local time. One that the clock skips is moved forward."""
        return self._instant(day, minute, fold=0)

    def _last(self, day: date, minute: int) -> datetime:
        """Return the last instant of a local time, which differs where the clock is set back.

        Of a time that the clock skips, the offset before the gap gives the later instant.
        """
        return max(self._instant(day, minute, fold=fold) for fold in (0, 1))

    def _instant(self, day: date, minute: int, *, fold: int) -> datetime:
        local = datetime.combine(day, time.min) + timedelta(minutes=minute)
        return local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC)


@dataclass(frozen=True)
class Opening:
    """Whether a vendor has given hours, and when it is open now or next."""

    known: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def open_at(self, moment: datetime) -> bool | None:
        """Return whether the vendor is open, or None if it has given no hours."""
        if self.starts_at is None:
            return False if self.known else None
        return self.starts_at <= moment

    def opens_after(self, moment: datetime) -> datetime | None:
        return None if self.open_at(moment) else self.starts_at

    def closes_after(self, moment: datetime) -> datetime | None:
        """Return the end of the current time, unless it is more than a week ahead.

        A vendor that is always open has no end, but that of the days that were computed.
        """
        if not self.open_at(moment) or self.ends_at is None or self.ends_at - moment > LONGEST:
            return None
        return self.ends_at


class DaySpan(BaseModel, frozen=True):
    """A time from an opening to a closing. If that is not later, it is on the next day."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def ensure_whole_minutes(self) -> Self:
        if any(end.second or end.microsecond for end in (self.opens, self.closes)):
            raise InvalidValue("Opening hours must be whole minutes, without seconds.")
        return self

    @property
    def minutes(self) -> Minutes:
        start, end = (one.hour * 60 + one.minute for one in (self.opens, self.closes))
        return Minutes(start, end if end > start else end + DAY_MINUTES)


class WeeklySpan(DaySpan, frozen=True):
    weekday: Annotated[int, Range(ge=1, le=7)]

    @property
    def in_week(self) -> Minutes:
        midnight = (self.weekday - 1) * DAY_MINUTES
        return Minutes(midnight + self.minutes.start, midnight + self.minutes.end)


class SpecialDay(BaseModel, frozen=True):
    """Validated input of a special day."""

    day: date
    name: DayName | None = None
    spans: Annotated[list[DaySpan], Range(max_length=MAX_DAY_SPANS)] = []

    @field_validator("spans")
    @classmethod
    def ensure_apart(cls, spans: list[DaySpan]) -> list[DaySpan]:
        ensure_apart(span.minutes for span in spans)
        return sorted(spans, key=lambda span: span.minutes)


class HoursPatch(BaseModel, frozen=True):
    """Validated hours that replace those of a vendor. None keeps them."""

    hours: Annotated[list[WeeklySpan], Range(max_length=MAX_WEEKLY_SPANS)] | None = None
    days: Annotated[list[SpecialDay], Range(max_length=MAX_SPECIAL_DAYS)] | None = None
    closes_on_holidays: bool | None = None

    @field_validator("hours")
    @classmethod
    def ensure_apart(cls, hours: list[WeeklySpan] | None) -> list[WeeklySpan] | None:
        """Refuse spans that overlap, also those of Sunday night and Monday."""
        ensure_week_apart(span.in_week for span in hours or [])
        return hours

    @field_validator("days")
    @classmethod
    def ensure_one_each(cls, days: list[SpecialDay] | None) -> list[SpecialDay] | None:
        if days and len({one.day for one in days}) != len(days):
            raise InvalidValue("Enter each day only once.")
        return days

    def ensure_near(self, today: date) -> None:
        """Raise `InvalidInput` for a special day that is over, or more than a year ahead."""
        for number, one in enumerate(self.days or []):
            if not -1 <= (one.day - today).days <= MAX_DAYS_AHEAD:
                raise InvalidInput(
                    "Choose a day within the next {most} days.",
                    most=MAX_DAYS_AHEAD,
                    field=["days", str(number), "day"],
                )


def clock_time(minute: int) -> time:
    """Return the time of day of a minute, which can be one of the next day."""
    return time(minute % DAY_MINUTES // 60, minute % 60)


def ensure_week_apart(spans: Iterable[Minutes]) -> None:
    """Raise `InvalidValue` for spans of a week that overlap, also around its end."""
    given = sorted(spans)
    around = [Minutes(*(one + WEEK_MINUTES for one in first)) for first in given[:1]]
    ensure_apart([*given, *around])


def ensure_apart(spans: Iterable[Minutes]) -> None:
    """Raise `InvalidValue` for spans that overlap."""
    if any(one.end > later.start for one, later in pairwise(sorted(spans))):
        raise InvalidValue("Opening hours must not overlap, also past midnight.")


def _merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Yield intervals in their order, and those that touch or overlap as one.

    They overlap where the clock is set back: the first ends at the last occurrence of a time at
    which the second starts. One that the clock skips as a whole is empty.
    """
    current: Interval | None = None
    for one in sorted(one for one in intervals if one.starts_at < one.ends_at):
        if current is None or one.starts_at > current.ends_at:
            if current is not None:
                yield current
            current = one
        else:
            current = Interval(current.starts_at, max(current.ends_at, one.ends_at))
    if current is not None:
        yield current

"""Times of dates in an input: a list, or a rule that is expanded into one."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, NaiveDatetime, model_validator
from pydantic import Field as Range

from core.wall import instant, later
from models.errors import InvalidInput, InvalidValue
from models.events.dates import MAX_DATE_DAYS, MAX_DATES_AT_ONCE
from models.events.drafts import QuotaDraft

MAX_MINUTES = MAX_DATE_DAYS * 24 * 60
FIRST_YEAR, LAST_YEAR = 2000, 2100
MAX_LINKS_AT_ONCE = 10_000  # of quotas with ticket types: rows of one transaction


class SeriesUnit(StrEnum):
    """A MONTHLY rule is on the same weekday of the month, such as the second Friday."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class DateRule(BaseModel, frozen=True):
    """A series of wall times: every so many days, weeks or months, on some weekdays of a week.

    Weekdays are numbered from Monday, which is 1. They are those of the first time by default.
    """

    first: NaiveDatetime
    unit: SeriesUnit
    every: Annotated[int, Range(ge=1, le=52)] = 1
    weekdays: Annotated[list[Annotated[int, Range(ge=1, le=7)]], Range(max_length=7)] = []
    count: Annotated[int, Range(ge=1, le=MAX_DATES_AT_ONCE)]

    @model_validator(mode="after")
    def ensure_weekdays(self) -> Self:
        if self.weekdays and self.unit is not SeriesUnit.WEEKLY:
            raise InvalidInput("Only a weekly series has weekdays.", field=["rule", "weekdays"])
        if self.first.year >= LAST_YEAR or len(self.times()) < self.count:
            raise InvalidValue("A date must be before the year 2100.")
        return self

    def times(self) -> list[datetime]:
        """Return the wall times of the series."""
        days = islice(self._days(), self.count)
        return [datetime.combine(day, self.first.time()) for day in days]

    def _days(self) -> Iterator[date]:
        first = self.first.date()
        if self.unit is SeriesUnit.DAILY:
            for number in range(self.count):
                yield first + timedelta(days=number * self.every)
        elif self.unit is SeriesUnit.WEEKLY:
            monday = first - timedelta(days=first.weekday())
            weekdays = sorted(set(self.weekdays)) or [first.isoweekday()]
            for week in range(self.count + 1):
                start = monday + timedelta(weeks=week * self.every)
                days = (start + timedelta(days=day - 1) for day in weekdays)
                yield from (day for day in days if day >= first)
        else:
            yield from self._months(first)

    def _months(self, first: date) -> Iterator[date]:
        """Yield the same weekday of months, such as the second Friday. Some have no fifth."""
        place = (first.day - 1) // 7
        for number in range(self.count * 12):
            months = first.year * 12 + first.month - 1 + number * self.every
            if months // 12 > LAST_YEAR:
                return
            start = date(months // 12, months % 12 + 1, 1)
            ahead = (first.weekday() - start.weekday()) % 7 + 7 * place
            day = start + timedelta(days=ahead)
            if day.month == start.month:
                yield day


class DatesDraft(BaseModel, frozen=True):
    """Validated input of new dates: `starts` or a `rule`. Each lasts the same real time."""

    starts: Annotated[list[NaiveDatetime], Range(max_length=MAX_DATES_AT_ONCE)] = []
    rule: DateRule | None = None
    minutes: Annotated[int, Range(ge=1, le=MAX_MINUTES)]
    doors_minutes: Annotated[int, Range(ge=0, le=24 * 60)] | None = None
    sale_starts_at: AwareDatetime | None = None
    sale_ends_minutes: Annotated[int, Range(ge=0, le=365 * 24 * 60)] | None = None
    quotas: Annotated[list[QuotaDraft], Range(max_length=10)] = []

    @model_validator(mode="after")
    def ensure_one_way(self) -> Self:
        if bool(self.starts) == (self.rule is not None):
            raise InvalidValue("Give either times or a rule.")
        if len({quota.name for quota in self.quotas}) != len(self.quotas):
            raise InvalidInput("Each quota must have a name of its own.", field=["quotas"])
        if any(start.year >= LAST_YEAR for start in self.times()):
            raise InvalidValue("A date must be before the year 2100.")
        links = sum(len(quota.ticket_type_ids) for quota in self.quotas)
        if links * len(self.times()) > MAX_LINKS_AT_ONCE:
            raise InvalidInput(
                "Add fewer dates at once: their quotas have many ticket types.", field=["quotas"]
            )
        return self

    def times(self) -> list[datetime]:
        return self.rule.times() if self.rule else sorted(set(self.starts))


class DateLength(BaseModel, frozen=True):
    """Validated input of the length of a date that is moved. None keeps it."""

    minutes: Annotated[int, Range(ge=1, le=MAX_MINUTES)] | None = None


class DateTimes(BaseModel, frozen=True):
    """The instants and the wall times of a date in a time zone."""

    local_start: datetime
    local_end: datetime
    starts_at: datetime
    ends_at: datetime
    fold: int = 0

    @classmethod
    def of(cls, local: datetime, zone: str, minutes: int, *, field: list[str]) -> "DateTimes":
        """Return the times of a date. Raises `InvalidInput` if clocks skip its start.

        So far from now that a time has no instant, it is refused before it is converted.
        """
        if local.year < FIRST_YEAR:
            raise InvalidInput("This time is over. Choose a later one.", field=field)
        if local.year >= LAST_YEAR:
            raise InvalidInput("A date must be before the year 2100.", field=field)
        starts_at = instant(local, zone)
        if starts_at is None:
            raise InvalidInput(
                "Clocks skip {time} in {zone}. Choose another time.",
                time=local.isoformat(" ", "minutes"),
                zone=zone,
                field=field,
            )
        length = timedelta(minutes=minutes)
        return cls(
            local_start=local.replace(fold=0),
            local_end=later(local, zone, length).replace(fold=0),
            starts_at=starts_at,
            ends_at=starts_at + length,
            fold=local.fold,
        )

"""Validated input of schedules, other days, closures and blocked times."""

from datetime import date
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, field_validator, model_validator
from pydantic import Field as Range

from models.bookings.claims import BlockReason
from models.bookings.setting_up.schedules import (
    MAX_CLOSED_DAYS,
    MAX_DAY_SPANS,
    MAX_WEEK_SPANS,
    ClosureName,
)
from models.errors import InvalidInput, InvalidValue
from models.vendors.hours import DAY_MINUTES, DaySpan, WeeklySpan, ensure_apart, ensure_week_apart

MAX_SPANS = MAX_WEEK_SPANS // 2  # of an input: one past midnight is stored as two
MAX_DAYS_AHEAD = 3 * 366
BEFORE = "The last day must not be before the first."


class ScheduleDraft(BaseModel, frozen=True):
    """The weekly times of a resource, from a day until another one or for good."""

    from_day: date
    until_day: date | None = None
    spans: Annotated[list[WeeklySpan], Range(max_length=MAX_SPANS)]

    @field_validator("spans")
    @classmethod
    def ensure_apart(cls, spans: list[WeeklySpan]) -> list[WeeklySpan]:
        ensure_week_apart(span.in_week for span in spans)
        return spans

    @model_validator(mode="after")
    def ensure_days(self) -> Self:
        if self.until_day is not None and self.until_day < self.from_day:
            raise InvalidInput(BEFORE, field=["untilDay"])
        return self

    @property
    def triples(self) -> list[list[int]]:
        """Return weekdays with minutes, in the order of the week, cut at midnight."""
        cut: list[list[int]] = []
        for span in self.spans:
            start, end = span.minutes
            cut.append([span.weekday, start, min(end, DAY_MINUTES)])
            if end > DAY_MINUTES:
                cut.append([span.weekday % 7 + 1, 0, end - DAY_MINUTES])
        return sorted(cut)


class OverrideDraft(BaseModel, frozen=True):
    """The times of a resource on one day. Without any, it does not work."""

    day: date
    spans: Annotated[list[DaySpan], Range(max_length=MAX_DAY_SPANS)]

    @field_validator("spans")
    @classmethod
    def ensure_one_day(cls, spans: list[DaySpan]) -> list[DaySpan]:
        if any(span.minutes.end > DAY_MINUTES for span in spans):
            raise InvalidValue("The times of one day end by midnight. Change the next day as well.")
        ensure_apart(span.minutes for span in spans)
        return spans

    @property
    def pairs(self) -> list[list[int]]:
        return sorted([*span.minutes] for span in self.spans)


class ClosureDraft(BaseModel, frozen=True):
    """Local days on which a vendor takes no bookings."""

    from_day: date
    until_day: date
    name: ClosureName

    @model_validator(mode="after")
    def ensure_days(self) -> Self:
        if self.until_day < self.from_day:
            raise InvalidInput(BEFORE, field=["untilDay"])
        if (self.until_day - self.from_day).days >= MAX_CLOSED_DAYS:
            raise InvalidInput(
                "Choose at most {most} days.", most=MAX_CLOSED_DAYS, field=["untilDay"]
            )
        return self


class TimeBlockDraft(BaseModel, frozen=True):
    """A time at which a resource takes no bookings, in whole minutes."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: BlockReason | None = None

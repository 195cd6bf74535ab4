"""Schedules: the wall times at which resources work, with other days and closures."""

from datetime import date
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from models.base import Row, foreign_key, json
from models.errors import Refusal
from models.personal_data import of_others
from models.text import OneLine, one_line_constraint

DAY_MINUTES = 24 * 60
MAX_WEEK_SPANS = 42
MAX_DAY_SPANS = 6
MAX_SCHEDULES = 50  # of a resource
MAX_OVERRIDES = 400  # of a resource, from today on
MAX_CLOSURES = 200  # of a vendor, from today on
MAX_CLOSED_DAYS = 366  # of a closure
ClosureName = Annotated[str, OneLine(80)]


class Schedule(Row, table=True):
    """The weekly times of a resource from a local day until another one, both included.

    `spans` are triples of the weekday (Monday is 1), and the minutes of wall time since midnight
    from and until which it works. One that ends past midnight has a span on the next day.
    """

    __table_args__ = (
        CheckConstraint("from_day <= until_day", name="days"),
        CheckConstraint(f"jsonb_array_length(spans) <= {MAX_WEEK_SPANS}", name="spans"),
        ExcludeConstraint(
            ("resource_id", "="),
            (text("daterange(from_day, until_day, '[]')"), "&&"),
            using="gist",
            name="schedule_days_excl",
        ),
    )
    __privacy__ = of_others(none="from_day until_day spans")

    resource_id: UUID = foreign_key("resource", index=False)
    from_day: date
    until_day: date | None = None
    spans: list[list[int]] = json(default_factory=list)


class DayOverride(Row, table=True):
    """The times of a resource on one local day, in place of its schedule's. Without any: closed."""

    __tablename__ = "day_override"
    __table_args__ = (
        UniqueConstraint("resource_id", "day"),
        CheckConstraint(f"jsonb_array_length(spans) <= {MAX_DAY_SPANS}", name="spans"),
    )
    __privacy__ = of_others(none="day spans")

    resource_id: UUID = foreign_key("resource", index=False)
    day: date
    spans: list[list[int]] = json(default_factory=list)  # pairs of minutes


class Closure(Row, table=True):
    """Local days on which a vendor takes no bookings, such as a public holiday."""

    __table_args__ = (
        one_line_constraint("name"),
        CheckConstraint(f"until_day - from_day BETWEEN 0 AND {MAX_CLOSED_DAYS - 1}", name="days"),
        Index("closure_vendor_id_idx", "vendor_id", "until_day", "from_day"),
    )
    __privacy__ = of_others(none="from_day until_day name")

    vendor_id: UUID = foreign_key("vendor", index=False)
    from_day: date
    until_day: date
    name: ClosureName = Field(max_length=80)


class ScheduleOverlaps(Refusal):
    message = "Another schedule covers some of these days. End that one first."
    meaning = "The days of two schedules of a resource overlap."
    remedy = "Show the schedules of the resource, and let the user choose other days."
    constraint = "schedule_days_excl"


class ScheduleLimitReached(Refusal):
    message = "Staff, rooms and equipment can have at most {most} schedules each. Remove one first."
    meaning = "The resource has the maximum number of schedules."
    remedy = "Let the user remove schedules that are over."


class DayOverrideLimitReached(Refusal):
    message = "At most {most} days to come can have other times. Reset one first."
    meaning = "The resource has the maximum number of day overrides from today on."
    remedy = "Let the user change the schedule, or reset days with `setDayOverride`."


class ClosureLimitReached(Refusal):
    message = "A business can have at most {most} closures to come. Remove one first."
    meaning = "The vendor has the maximum number of closures from today on."
    remedy = "Let the user remove closures, or join some that follow each other."

"""The booking waitlist: users who get a hold when a time of theirs becomes free."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy import text as sql

from models.base import DEFERRED, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import InvalidInput, Refusal
from models.notifications.preferences import QuietHours
from models.personal_data import keep_rows
from models.vendors.hours import DAY_MINUTES

MAX_WAITS = 10  # of a user that are live
MAX_WAIT_DAYS = 180
MAX_LAPSES = 2
WAIT_HOLD_MINUTES = 120
SAME_DAY_HOLD_MINUTES = 30
Weekday = Annotated[int, Range(ge=1, le=7)]


class BookingWaitState(StrEnum):
    """`WAITING → HOLDING → BOOKED`, or `→ LEFT / LAPSED`. HOLDING has a waitlist hold."""

    WAITING = "WAITING"
    HOLDING = "HOLDING"
    BOOKED = "BOOKED"
    LEFT = "LEFT"
    LAPSED = "LAPSED"


class BookingWait(Row, table=True):
    """A user who waits for a time of a service, on some weekdays between two local days.

    `weekdays` has bit k for weekday k, Monday being 0. `day_from` and `day_until` are minutes of
    the local day. `lapses` counts holds that were not answered.
    """

    __tablename__ = "booking_wait"
    __table_args__ = (
        ForeignKeyConstraint(
            ["service_id", "vendor_id"], ["service.id", "service.vendor_id"], **DEFERRED
        ),
        CheckConstraint(f"until_day - from_day BETWEEN 0 AND {MAX_WAIT_DAYS}", name="days"),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
        CheckConstraint(
            "0 <= day_from AND day_from < day_until AND day_until <= 1440", name="minutes"
        ),
        CheckConstraint("lapses >= 0", name="lapses"),
        CheckConstraint("(state IN ('WAITING', 'HOLDING')) = (ended_at IS NULL)", name="ended_at"),
        Index(
            "booking_wait_live_key",
            "user_id",
            "service_id",
            unique=True,
            postgresql_where=sql("state IN ('WAITING', 'HOLDING')"),
        ),
        Index(
            "booking_wait_waiting_idx",
            "service_id",
            "created_at",
            "id",
            postgresql_where=sql("state = 'WAITING'"),
        ),
        Index(
            "booking_wait_serving_idx",
            "vendor_id",
            "created_at",
            "id",
            postgresql_where=sql("state = 'WAITING'"),
        ),
        Index("booking_wait_user_id_idx", "user_id", "created_at", "id"),
        Index("booking_wait_vendor_id_idx", "vendor_id", "created_at", "id"),
    )
    __privacy__ = keep_rows(none="from_day until_day weekdays day_from day_until lapses")

    user_id: UUID = foreign_key("user", index=False)
    vendor_id: UUID
    service_id: UUID
    staff_id: UUID | None = optional_foreign_key("resource")
    pet_id: UUID | None = optional_foreign_key("pet")
    from_day: date
    until_day: date
    weekdays: int = 127
    day_from: int = 0
    day_until: int = 1440
    state: BookingWaitState = enum_column(BookingWaitState, default=BookingWaitState.WAITING)
    lapses: int = 0
    ended_at: datetime | None = timestamp(default=None)

    @property
    def live(self) -> bool:
        return self.state in {BookingWaitState.WAITING, BookingWaitState.HOLDING}

    @property
    def weekday_numbers(self) -> list[int]:
        """Return the days of the week, from 1 for Monday to 7 for Sunday."""
        return [day for day in range(1, 8) if self.weekdays >> day - 1 & 1]

    def end(self, state: BookingWaitState, moment: datetime) -> None:
        self.state, self.ended_at = state, moment

    def wants(self, local: datetime) -> bool:
        """Return whether a wall time is one that the user waits for."""
        minute = local.hour * 60 + local.minute
        return (
            self.from_day <= local.date() <= self.until_day
            and bool(self.weekdays >> local.weekday() & 1)
            and self.day_from <= minute < self.day_until
        )


class FreedSpan(NamedTuple):
    """A time that was taken before."""

    starts_at: datetime
    ends_at: datetime


class BookingWaitDraft(BaseModel, frozen=True):
    """Validated input of a wait: local days, and a span of each of them. 00:00 ends the day."""

    service_id: UUID
    staff_id: UUID | None = None
    pet_id: UUID | None = None
    from_day: date
    until_day: date
    weekdays: Annotated[list[Weekday], Range(min_length=1, max_length=7)] = [*range(1, 8)]
    day_from: time = time()
    day_until: time = time()

    @model_validator(mode="after")
    def ensure_days(self) -> Self:
        if self.until_day < self.from_day:
            raise InvalidInput("The last day must not be before the first.", field=["untilDay"])
        if (self.until_day - self.from_day).days > MAX_WAIT_DAYS:
            raise InvalidInput(
                "Choose at most {most} days.", most=MAX_WAIT_DAYS, field=["untilDay"]
            )
        if self.minutes[0] >= self.minutes[1]:
            raise InvalidInput("Choose an end that is later than the start.", field=["dayUntil"])
        return self

    @property
    def minutes(self) -> tuple[int, int]:
        """Return the span of a day. Parts of minutes are left out."""
        start, end = (one.hour * 60 + one.minute for one in (self.day_from, self.day_until))
        return start, end or DAY_MINUTES

    @property
    def weekday_bits(self) -> int:
        return sum(1 << day - 1 for day in set(self.weekdays))


def wait_hold_end(
    moment: datetime, starts_at: datetime, zone: ZoneInfo, quiet: QuietHours | None
) -> datetime | None:
    """Return the end of a waitlist hold of a time that is given at a moment.

    None if none is given: in quiet hours, if its end would be in them, or close to the start.
    """
    same_day = moment.astimezone(zone).date() == starts_at.astimezone(zone).date()
    minutes = SAME_DAY_HOLD_MINUTES if same_day else WAIT_HOLD_MINUTES
    until = min(moment + timedelta(minutes=minutes), starts_at)
    if until < moment + timedelta(minutes=SAME_DAY_HOLD_MINUTES):
        return None
    if quiet is not None and any(quiet.end_after(one) != one for one in (moment, until)):
        return None
    return until


class TimesLeft(Refusal):
    message = "There are free times that you want. You can book one without waiting."
    meaning = "A time of the service in the window is free, so there is nothing to wait for."
    remedy = "Refetch `slots` of the window, and offer `holdBooking`."


class BookingWaitExists(Refusal):
    message = "You wait for a time of this service already. Leave its waitlist to change your wish."
    meaning = "The user has a wait for the service that is WAITING or HOLDING."
    remedy = "Show the user's wait, and offer `leaveBookingWaitlist`."
    constraint = "booking_wait_live_key"


class BookingWaitLimit(Refusal):
    message = "You can be on the waitlists of {most} services at once. Leave one first."
    meaning = "The user has the maximum number of waits that are WAITING or HOLDING."
    remedy = "Show `bookingWaits`, so that the user can leave one."


class InvalidBookingWaitState(Refusal):
    code = "BOOKING_WAIT_STATE"
    message = "This wait has ended."
    meaning = "The wait became a booking, or has lapsed."
    remedy = "Refetch the wait's `state`."

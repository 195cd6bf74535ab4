"""The booking waitlist: users who get a hold when a time of theirs becomes free."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy import text as sql

from models.base import DEFERRED, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.personal_data import keep_rows

MAX_WAIT_DAYS = 180
MAX_LAPSES = 2
WAIT_HOLD_MINUTES = 120
SAME_DAY_HOLD_MINUTES = 30


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

    def wants(self, local: datetime) -> bool:
        """Return whether a wall time is one that the user waits for."""
        minute = local.hour * 60 + local.minute
        return (
            self.from_day <= local.date() <= self.until_day
            and bool(self.weekdays >> local.weekday() & 1)
            and self.day_from <= minute < self.day_until
        )

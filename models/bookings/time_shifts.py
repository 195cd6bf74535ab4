"""Bookings whose instants changed, because the rules of their time zone did."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, timestamp
from models.personal_data import keep_rows, of_others

MAX_VERSION_LENGTH = 32


class ShiftOutcome(StrEnum):
    """The outcome of a shift: MOVED with its claims, COLLIDED with another booking or block, or
    SKIPPED, because clocks skip the wall time that was promised.
    """

    MOVED = "MOVED"
    COLLIDED = "COLLIDED"
    SKIPPED = "SKIPPED"


class ZoneRules(Row, table=True):
    """A version of the time zones' rules by which bookings were derived again.

    `after_id` is the last vendor whose bookings were, `ended_at` the time at which all were.
    """

    __tablename__ = "zone_rules"
    __privacy__ = of_others(none="version", id="after_id")

    version: str = Field(max_length=MAX_VERSION_LENGTH, unique=True)
    after_id: UUID
    ended_at: datetime | None = timestamp(default=None)


class BookingShift(Row, table=True):
    """A booking that keeps its wall time, which is another instant by new rules of its time zone.

    One that collides keeps what it can of its resources, until a member moves or cancels it, or
    settles the collision.
    """

    __tablename__ = "booking_shift"
    __table_args__ = (
        UniqueConstraint("booking_id", "version"),
        CheckConstraint("from_starts_at <> starts_at", name="starts_at"),
        Index(
            "booking_shift_unsettled_idx",
            "vendor_id",
            "starts_at",
            "id",
            postgresql_where=sql("outcome <> 'MOVED' AND settled_at IS NULL"),
        ),
    )
    __privacy__ = keep_rows(of="booking_id", none="version")

    booking_id: UUID = foreign_key("booking", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)
    version: str = Field(max_length=MAX_VERSION_LENGTH)
    from_starts_at: datetime = timestamp()
    starts_at: datetime = timestamp()
    outcome: ShiftOutcome = enum_column(ShiftOutcome)
    settled_at: datetime | None = timestamp(default=None)

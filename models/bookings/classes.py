"""Meetings of classes: one time of a service that several customers share."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy import text as sql

from models.base import DEFERRED, Row, enum_column, optional_foreign_key, timestamp
from models.bookings.setting_up.services import MAX_SEATS
from models.errors import Refusal
from models.personal_data import of_others


class MeetingState(StrEnum):
    """`SCHEDULED → ENDED / CANCELLED`."""

    SCHEDULED = "SCHEDULED"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class ClassMeeting(Row, table=True):
    """A time at which a class meets. `taken` are the seats of bookings that occupy one.

    It keeps the staff and the room by claims of its own, for as long as it is SCHEDULED.
    """

    __tablename__ = "class_meeting"
    __table_args__ = (
        ForeignKeyConstraint(
            ["service_id", "vendor_id"], ["service.id", "service.vendor_id"], **DEFERRED
        ),
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint(f"seats BETWEEN 1 AND {MAX_SEATS}", name="seats"),
        CheckConstraint("taken BETWEEN 0 AND seats", name="taken"),
        Index(
            "class_meeting_start_key",
            "service_id",
            "staff_id",
            "starts_at",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=sql("state <> 'CANCELLED'"),
        ),
        Index("class_meeting_vendor_id_idx", "vendor_id", "starts_at", "id"),
    )
    __privacy__ = of_others(none="seats taken")

    service_id: UUID
    vendor_id: UUID
    staff_id: UUID | None = optional_foreign_key("resource")
    room_id: UUID | None = optional_foreign_key("resource")
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    seats: int
    taken: int = 0
    state: MeetingState = enum_column(MeetingState, default=MeetingState.SCHEDULED)

    @property
    def left(self) -> int:
        return self.seats - self.taken


class MeetingFull(Refusal):
    message = "This class is full. Choose another time, or join the waitlist."
    meaning = "All seats of the meeting are taken."
    remedy = "Refetch `slots`, and offer another time or `joinBookingWaitlist`."

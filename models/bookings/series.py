"""Series of bookings: the same wall time on several days."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from models.base import DEFERRED, Row, enum_column, foreign_key, json
from models.personal_data import keep_rows

MAX_OCCURRENCES = 52


class OnConflict(StrEnum):
    """The handling of occurrences that cannot be booked: REFUSE books none, SKIP leaves those out,
    NEAREST books the nearest time of the same day.
    """

    REFUSE = "REFUSE"
    SKIP = "SKIP"
    NEAREST = "NEAREST"


class BookingSeries(Row, table=True):
    """A rule by which bookings were made. Each is a booking of its own afterwards."""

    __tablename__ = "booking_series"
    __table_args__ = (
        ForeignKeyConstraint(
            ["service_id", "vendor_id"], ["service.id", "service.vendor_id"], **DEFERRED
        ),
        CheckConstraint(f"count BETWEEN 2 AND {MAX_OCCURRENCES}", name="count"),
        Index("booking_series_user_id_idx", "user_id", "created_at"),
    )
    __privacy__ = keep_rows(none="rule count")

    user_id: UUID = foreign_key("user", index=False)
    vendor_id: UUID = Field(index=True)
    service_id: UUID
    rule: dict[str, Any] = json()
    count: int
    on_conflict: OnConflict = enum_column(OnConflict, default=OnConflict.REFUSE)

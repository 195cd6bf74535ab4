"""What belongs to a booking: its moves, and the resources that it takes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from models.base import Row, foreign_key, optional_foreign_key, timestamp
from models.personal_data import keep_rows


class BookingMove(Row, table=True):
    """A time that a booking had before it was moved."""

    __tablename__ = "booking_move"
    __table_args__ = (
        UniqueConstraint("booking_id", "revision"),
        CheckConstraint("revision >= 1", name="revision"),
    )
    __privacy__ = keep_rows(of="moved_by_id", none="revision")

    booking_id: UUID = foreign_key("booking", index=False)
    revision: int  # since the move
    moved_by_id: UUID | None = optional_foreign_key("user")
    by_vendor: bool = False
    from_starts_at: datetime = timestamp()
    from_staff_id: UUID | None = optional_foreign_key("resource")
    starts_at: datetime = timestamp()
    staff_id: UUID | None = optional_foreign_key("resource")


class BookingResource(SQLModel, table=True):
    """A resource that a booking uses, its staff included. It stays when the claims are gone."""

    __tablename__ = "booking_resource"
    __table_args__ = (Index("booking_resource_resource_id_idx", "resource_id"),)
    __privacy__ = keep_rows(of="booking_id")

    booking_id: UUID = foreign_key("booking", primary_key=True, index=False)
    resource_id: UUID = foreign_key("resource", primary_key=True, index=False)

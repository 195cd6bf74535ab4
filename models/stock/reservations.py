"""Reservations: units of a variant that an order holds until it is paid."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from models.base import enum_column, foreign_key
from models.personal_data import of_others


class ReservationState(StrEnum):
    """`HELD → SOLD`, or `→ RELEASED` when the order is cancelled or expires."""

    HELD = "HELD"
    SOLD = "SOLD"
    RELEASED = "RELEASED"


class Reservation(SQLModel, table=True):
    """The units of a variant that an order holds. `stock.reserved` is the sum of those HELD."""

    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity"),
        Index("reservation_variant_id_idx", "variant_id", postgresql_where=text("state = 'HELD'")),
    )
    __privacy__ = of_others(none="quantity")

    order_id: UUID = foreign_key("order", primary_key=True, index=False)
    variant_id: UUID = foreign_key("variant", primary_key=True, index=False)
    quantity: int
    state: ReservationState = enum_column(ReservationState, default=ReservationState.HELD)

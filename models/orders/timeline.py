"""The timeline of an order: each step, kept for good."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import (
    APPEND_ONLY,
    Row,
    enum_column,
    foreign_key,
    open_enum_column,
    optional_foreign_key,
)
from models.personal_data import retain_rows
from models.text import OneLine, one_line_constraint

MAX_STEP_NOTE = 300
StepNote = Annotated[str, OneLine(MAX_STEP_NOTE)]


class OrderStepKind(StrEnum):
    """A step of an order, or of one vendor's part if it names a sub-order."""

    PLACED = "PLACED"
    PAID = "PAID"
    CONFIRMED = "CONFIRMED"
    EXPIRED = "EXPIRED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    RETURN_REQUESTED = "RETURN_REQUESTED"
    RETURNED = "RETURNED"
    REFUND_GRANTED = "REFUND_GRANTED"
    REFUND_SETTLED = "REFUND_SETTLED"
    REFUND_FAILED = "REFUND_FAILED"
    DISPUTED = "DISPUTED"
    DISPUTE_WON = "DISPUTE_WON"
    DISPUTE_LOST = "DISPUTE_LOST"
    RELEASED = "RELEASED"
    COMPLETED = "COMPLETED"


class OrderActor(StrEnum):
    """The side that took a step."""

    BUYER = "BUYER"
    VENDOR = "VENDOR"
    PLATFORM = "PLATFORM"
    CARRIER = "CARRIER"


class OrderStep(Row, table=True):
    """A step, with the reason that its actor gave."""

    __tablename__ = "order_step"
    __table_args__ = (
        one_line_constraint("note"),
        CheckConstraint(f"char_length(note) <= {MAX_STEP_NOTE}", name="note_length"),
        Index("order_step_order_id_idx", "order_id", "created_at", "id"),
        Index("order_step_suborder_id_idx", "suborder_id", "created_at", "id"),
        Index("order_step_note_idx", "created_at", postgresql_where=text("note IS NOT NULL")),
        APPEND_ONLY,
    )
    __privacy__ = retain_rows(personal="note")

    order_id: UUID = foreign_key("order", index=False)
    suborder_id: UUID | None = optional_foreign_key("suborder", index=False)
    kind: OrderStepKind = open_enum_column(OrderStepKind)
    actor: OrderActor = enum_column(OrderActor)
    user_id: UUID | None = optional_foreign_key("user")
    note: StepNote | None = Field(default=None)

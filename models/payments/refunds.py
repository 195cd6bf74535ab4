"""Refunds: granted, which is a decision, and settled, when the money has gone back."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import INT4RANGE, ExcludeConstraint
from sqlmodel import Field

from models.base import (
    APPEND_ONLY,
    Row,
    enum_column,
    foreign_key,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.errors import Refusal
from models.orders.orders import minor_units
from models.payments.payments import MAX_REFERENCE, PaymentProvider, Reference
from models.personal_data import of_others
from models.text import OneLine, one_line_constraint

MAX_REFUND_NOTE = 300
MAX_REFUND_REFERENCE = 100
RefundNote = Annotated[str, OneLine(MAX_REFUND_NOTE)]


class Transfer(BaseModel, frozen=True):
    """Validated input of a transfer by which a part of a refund was settled."""

    reference: Annotated[str, OneLine(MAX_REFUND_REFERENCE, web_addresses=False)]


class RefundReason(StrEnum):
    """Why money goes back. GOODWILL ones are without a return: the buyer keeps the goods."""

    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    RETURNED = "RETURNED"
    LATE_PAYMENT = "LATE_PAYMENT"
    PAID_TWICE = "PAID_TWICE"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    GOODWILL = "GOODWILL"


class RefundState(StrEnum):
    """`GRANTED → SETTLED` when all its parts are."""

    GRANTED = "GRANTED"
    SETTLED = "SETTLED"


class Refund(Row, table=True):
    """Money that goes back to the buyer. Rules granted those without `granted_by_id`.

    The amount is 0 for units that cost nothing, which are recorded so that they come back once.
    """

    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        one_line_constraint("note"),
        CheckConstraint(f"char_length(note) <= {MAX_REFUND_NOTE}", name="note_length"),
        CheckConstraint("num_nonnulls(order_id, purchase_id) = 1", name="subject"),
        Index("refund_order_id_idx", "order_id", "created_at", "id"),
        Index("refund_purchase_id_idx", "purchase_id"),
    )
    __privacy__ = of_others(none="amount note")

    order_id: UUID | None = optional_foreign_key("order", index=False)
    purchase_id: UUID | None = optional_foreign_key("purchase", index=False)
    reason: RefundReason = open_enum_column(RefundReason)
    state: RefundState = enum_column(RefundState, default=RefundState.GRANTED)
    amount: int = minor_units()
    note: RefundNote | None = Field(default=None)
    granted_by_id: UUID | None = optional_foreign_key("user")
    settled_at: datetime | None = timestamp(default=None)


class RefundLine(Row, table=True):
    """Units of a line that are refunded. A unit is refunded once, as a constraint ensures."""

    __tablename__ = "refund_line"
    __table_args__ = (
        CheckConstraint("amount >= 0 AND tax >= 0", name="amount"),
        CheckConstraint("NOT isempty(units) AND lower(units) >= 0", name="units"),
        ExcludeConstraint(
            ("line_id", "="), ("units", "&&"), name="refund_line_units_excl", using="gist"
        ),
        Index("refund_line_refund_id_idx", "refund_id"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="units amount tax")

    refund_id: UUID = foreign_key("refund", index=False)
    suborder_id: UUID = foreign_key("suborder")
    line_id: UUID = foreign_key("order_line", index=False)
    units: Any = Field(sa_column=Column(INT4RANGE, nullable=False))
    amount: int = minor_units()
    tax: int = minor_units()
    restock: bool = False


class RefundPart(Row, table=True):
    """The part of a refund that goes back by the way of one payment."""

    __tablename__ = "refund_part"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        UniqueConstraint("refund_id", "payment_id"),
        one_line_constraint("reference"),
        CheckConstraint(f"char_length(reference) <= {MAX_REFERENCE}", name="reference_length"),
        UniqueConstraint("provider", "reference"),
        Index("refund_part_payment_id_idx", "payment_id"),
    )
    __privacy__ = of_others(none="amount reference")

    refund_id: UUID = foreign_key("refund", index=False)
    payment_id: UUID = foreign_key("payment", index=False)
    provider: PaymentProvider = open_enum_column(PaymentProvider)
    amount: int = minor_units()
    reference: Reference | None = Field(default=None)
    settled_at: datetime | None = timestamp(default=None)


class UnitsRefunded(Refusal):
    code = "NOT_REFUNDABLE"
    message = "This was refunded already. Reload the order."
    meaning = "One of the units was refunded or came back before."
    remedy = "Refetch the order with its lines and refunds."
    constraint = ("refund_line_units_excl", "stock_movement_units_excl")


class RefundTooLarge(Refusal):
    message = "No more than what was paid can be refunded."
    meaning = "The amount is more than what was paid and not yet refunded."
    remedy = "Refetch the order with its payments and refunds."
    constraint = (
        "payment_captured_check",
        "payment_split_captured_check",
        "order_refunded_check",
        "suborder_refunded_check",
    )


class RefundSettled(Refusal):
    message = "This refund was settled already, with another reference."
    meaning = "The part of the refund was settled before."
    remedy = "Refetch the refund."


class SettledByPlatform(Refusal):
    message = "This money goes back by itself. Only transfers by hand are settled here."
    meaning = "The part of the refund goes back by a provider, and not by hand."
    remedy = "Offer this for parts of MANUAL payments alone."


class RefundReferenceTaken(Refusal):
    message = "Another refund has this reference. Check it."
    meaning = "A part of another refund was settled with the same reference."
    remedy = "Show `message` next to the reference."
    constraint = "refund_part_provider_reference_key"

"""Refunds: granted, which is a decision, and settled, when the money has gone back."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import INT4RANGE, ExcludeConstraint
from sqlmodel import Field

from core.clock import now
from core.text.cleaning import clean_line
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
MAX_REFUND_ERROR = 100
RefundNote = Annotated[str, OneLine(MAX_REFUND_NOTE)]


class RefundTransfer(BaseModel, frozen=True):
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
    """`GRANTED → SETTLING → SETTLED`, or `SETTLING → STUCK → SETTLED`.

    It is SETTLED when all its parts are, and STUCK while one of them has failed, or waits too long.
    """

    GRANTED = "GRANTED"
    SETTLING = "SETTLING"
    STUCK = "STUCK"
    SETTLED = "SETTLED"


class RefundPartState(StrEnum):
    """`PLANNED → SENT → PENDING → SETTLED / FAILED`. A SETTLED one can fail: banks return money."""

    PLANNED = "PLANNED"
    SENT = "SENT"
    PENDING = "PENDING"
    SETTLED = "SETTLED"
    FAILED = "FAILED"


BY_HAND = "provider = 'MANUAL' AND part_state = 'PLANNED'"  # waits for a transfer
OPEN_PARTS = "part_state IN ('PLANNED', 'SENT', 'PENDING')"


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
        Index("refund_created_at_idx", "created_at", "id"),
        Index("refund_stuck_idx", "created_at", "id", postgresql_where=text("state = 'STUCK'")),
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
    """Units of a line that are refunded. A unit is refunded once, as a constraint ensures.

    `withheld` is the part of their price that had gone back before as goodwill.
    """

    __tablename__ = "refund_line"
    __table_args__ = (
        CheckConstraint("least(amount, tax, withheld) >= 0", name="amount"),
        CheckConstraint("NOT isempty(units) AND lower(units) >= 0", name="units"),
        ExcludeConstraint(
            ("line_id", "="), ("units", "&&"), name="refund_line_units_excl", using="gist"
        ),
        Index("refund_line_refund_id_idx", "refund_id"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="units amount tax withheld")

    refund_id: UUID = foreign_key("refund", index=False)
    suborder_id: UUID = foreign_key("suborder")
    line_id: UUID = foreign_key("order_line", index=False)
    units: Any = Field(sa_column=Column(INT4RANGE, nullable=False))
    amount: int = minor_units()
    tax: int = minor_units()
    restock: bool = False
    withheld: int = minor_units(default=0, sa_column_kwargs={"server_default": "0"})


class RefundShare(StrEnum):
    """The reason of an amount without units: the delivery of a part, or goodwill."""

    DELIVERY = "DELIVERY"
    GOODWILL = "GOODWILL"


class BorneBy(StrEnum):
    """The side that pays for a refund."""

    VENDOR = "VENDOR"
    PLATFORM = "PLATFORM"


class RefundAmount(Row, table=True):
    """An amount of a refund that is for no units: the whole delivery of a part, or goodwill.

    The delivery of a part is refunded once. Units that are refunded later leave out their share of
    it, and no unit brings back more than what is left of the part after goodwill.
    """

    __tablename__ = "refund_amount"
    __table_args__ = (
        CheckConstraint("amount > 0 AND tax BETWEEN 0 AND amount", name="amount"),
        CheckConstraint("share = 'GOODWILL' OR borne_by = 'VENDOR'", name="borne_by"),
        Index("refund_amount_refund_id_idx", "refund_id"),
        Index("refund_amount_suborder_id_idx", "suborder_id", "created_at", "id"),
        Index(
            "refund_amount_delivery_key",
            "suborder_id",
            unique=True,
            postgresql_where=text("share = 'DELIVERY'"),
        ),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="amount tax")

    refund_id: UUID = foreign_key("refund", index=False)
    suborder_id: UUID = foreign_key("suborder", index=False)
    share: RefundShare = enum_column(RefundShare)
    borne_by: BorneBy = enum_column(BorneBy, default=BorneBy.VENDOR)
    amount: int = minor_units()
    tax: int = minor_units(default=0)


class RefundPart(Row, table=True):
    """The part of a refund that goes back by the way of one payment.

    A part that a provider cannot send stays FAILED, with its `error`, and is replaced by one that
    goes into the wallet or by bank transfer, which `replaces_id` links to it. One with a
    `dispute_id` was settled by the bank itself, which had given the money back to the buyer.
    """

    __tablename__ = "refund_part"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(settled_at IS NOT NULL) = (part_state = 'SETTLED')", name="settled_at"),
        CheckConstraint("(failed_at IS NOT NULL) = (part_state = 'FAILED')", name="failed_at"),
        UniqueConstraint("replaces_id"),
        one_line_constraint("reference"),
        CheckConstraint(f"char_length(reference) <= {MAX_REFERENCE}", name="reference_length"),
        one_line_constraint("error"),
        UniqueConstraint("provider", "reference"),
        Index("refund_part_payment_id_idx", "payment_id"),
        Index("refund_part_refund_id_idx", "refund_id"),
        Index(
            "refund_part_way_key",
            "refund_id",
            "payment_id",
            unique=True,
            postgresql_where=text("replaces_id IS NULL"),
        ),
        Index("refund_part_by_hand_idx", "refund_id", postgresql_where=text(BY_HAND)),
        Index("refund_part_open_idx", "checked_at", postgresql_where=text(OPEN_PARTS)),
    )
    __privacy__ = of_others(none="amount reference error")

    refund_id: UUID = foreign_key("refund", index=False)
    payment_id: UUID = foreign_key("payment", index=False)
    replaces_id: UUID | None = optional_foreign_key("refund_part", index=False)
    dispute_id: UUID | None = optional_foreign_key("dispute")
    provider: PaymentProvider = open_enum_column(PaymentProvider)
    part_state: RefundPartState = enum_column(
        RefundPartState,
        default=RefundPartState.PLANNED,
        sa_column_kwargs={"server_default": "PLANNED"},
    )
    amount: int = minor_units()
    reference: Reference | None = Field(default=None)
    error: str | None = Field(default=None, max_length=MAX_REFUND_ERROR)
    wallet_accepted_at: datetime | None = timestamp(default=None)
    checked_at: datetime = timestamp(
        default_factory=now, sa_column_kwargs={"server_default": text("now()")}
    )
    failed_at: datetime | None = timestamp(default=None)
    settled_at: datetime | None = timestamp(default=None)

    @property
    def is_open(self) -> bool:
        """Return whether the money is on its way."""
        return self.part_state not in {RefundPartState.SETTLED, RefundPartState.FAILED}

    def settle(self) -> None:
        self.part_state, self.settled_at = RefundPartState.SETTLED, now()

    def fail(self, error: str | None) -> None:
        """Note that the money has not arrived, or came back."""
        self.part_state, self.failed_at, self.settled_at = RefundPartState.FAILED, now(), None
        self.error = clean_line(error or "")[:MAX_REFUND_ERROR].strip() or None

    def ensure_replaceable(self) -> None:
        """Raise `RefundPending` while the provider can still send it, `RefundSettled` after."""
        if self.part_state is RefundPartState.SETTLED:
            raise RefundSettled
        if self.part_state is not RefundPartState.FAILED:
            raise RefundPending


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


class DeliveryRefunded(Refusal):
    message = "The delivery was refunded already. Reload the order."
    meaning = "The delivery of the part was refunded before, by itself or with its units."
    remedy = "Refetch the order with its refunds."
    constraint = "refund_amount_delivery_key"


class RefundPending(Refusal):
    message = "The provider can still send this money. Wait until it has failed."
    meaning = "The part of the refund has not failed: another way could pay it twice."
    remedy = "Offer another way for FAILED parts alone."


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

"""Payments: money that comes in for an order, or for a purchase from the platform."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import (
    Row,
    enum_column,
    foreign_key,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.orders.orders import minor_units
from models.personal_data import of_others
from models.text import Identifier, one_line_constraint

WATCHED = (  # the poller asks the provider about them
    "status IN ('OPEN', 'ACTION', 'PROCESSING', 'CANCELLING')"
    " AND provider NOT IN ('MANUAL', 'WALLET')"
)
LIVE = "status IN ('PLANNED', 'OPEN', 'ACTION', 'PROCESSING', 'CANCELLING')"

MAX_REFERENCE = 100
MAX_SECRET = 300
MAX_URL = 2000
MAX_DECLINE = 100
SILENT_MINUTES = 10  # so long an order waits for a provider to cancel its payment
Reference = Annotated[str, Identifier(MAX_REFERENCE)]


class PaymentProvider(StrEnum):
    """How an order or a purchase is paid.

    An admin records MANUAL payments, such as by bank transfer. STRIPE and PAYSTACK collect the
    money themselves.
    """

    MANUAL = "MANUAL"
    WALLET = "WALLET"
    STRIPE = "STRIPE"
    PAYSTACK = "PAYSTACK"

    @property
    def is_online(self) -> bool:
        """Return whether a payment provider collects the money."""
        return self in {PaymentProvider.STRIPE, PaymentProvider.PAYSTACK}


class PaymentStatus(StrEnum):
    """The state of one payment. Money is a fact: SUCCEEDED follows on every other state."""

    PLANNED = "PLANNED"
    OPEN = "OPEN"
    ACTION = "ACTION"
    PROCESSING = "PROCESSING"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    SUCCEEDED = "SUCCEEDED"

    @property
    def is_live(self) -> bool:
        return f"'{self}'" in LIVE


class CancelReason(StrEnum):
    """Why a payment is cancelled: its order ends, or another payment takes its place."""

    EXPIRED = "EXPIRED"
    BUYER = "BUYER"
    REPLACED = "REPLACED"


class Payment(Row, table=True):
    """One way in which an order or a purchase is paid.

    It has one live payment, beside its wallet's. `client_secret` is for the provider's form and
    `redirect_url` for its page, both until the payment ends. `return_url` is where the buyer comes
    back to. `decline_code` is the provider's, of the last decline. `method_id` is the saved method
    that is charged: `off_session` without the buyer. With `saves_method`, the method is kept.
    `refunded` was granted back, and `disputed` is what the buyer's bank has taken back, or holds
    until a dispute is decided.
    """

    __table_args__ = (
        CheckConstraint("amount > 0 AND attempt >= 1", name="amount"),
        CheckConstraint(
            "captured BETWEEN 0 AND amount AND least(refunded, disputed) >= 0"
            " AND refunded + disputed <= captured",
            name="captured",
        ),
        one_line_constraint("reference"),
        CheckConstraint(f"char_length(reference) <= {MAX_REFERENCE}", name="reference_length"),
        UniqueConstraint("provider", "reference"),
        Index("payment_created_at_idx", "created_at", "id"),
        Index("payment_watched_idx", "id", postgresql_where=text(WATCHED)),
        UniqueConstraint("order_id", "provider", "attempt"),
        UniqueConstraint("purchase_id", "provider", "attempt"),
        CheckConstraint("num_nonnulls(order_id, purchase_id) = 1", name="subject"),
        Index(
            "payment_live_key",
            "order_id",
            unique=True,
            postgresql_where=text(f"{LIVE} AND provider <> 'WALLET'"),
        ),
        Index(
            "payment_live_purchase_key",
            "purchase_id",
            unique=True,
            postgresql_where=text(f"{LIVE} AND provider <> 'WALLET'"),
        ),
    )
    __privacy__ = of_others(
        none="attempt amount currency reference captured refunded disputed redirect_url return_url"
        " decline_code client_secret",  # the secret is forgotten when the payment ends
        id="method_id",
    )

    order_id: UUID | None = optional_foreign_key("order", index=False)
    purchase_id: UUID | None = optional_foreign_key("purchase", index=False)
    provider: PaymentProvider = open_enum_column(PaymentProvider)
    status: PaymentStatus = enum_column(PaymentStatus, default=PaymentStatus.OPEN)
    attempt: int = 1
    amount: int = minor_units()
    currency: str = Field(max_length=3)
    reference: Reference | None = Field(default=None)
    captured: int = minor_units(default=0)
    refunded: int = minor_units(default=0)
    disputed: int = minor_units(default=0, sa_column_kwargs={"server_default": "0"})
    client_secret: str | None = Field(default=None, max_length=MAX_SECRET)
    redirect_url: str | None = Field(default=None, max_length=MAX_URL)
    return_url: str | None = Field(default=None, max_length=MAX_URL)
    decline_code: str | None = Field(default=None, max_length=MAX_DECLINE)
    method_id: UUID | None = None
    off_session: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    saves_method: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    cancel_reason: CancelReason | None = open_enum_column(CancelReason, default=None)
    cancelling_at: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def refundable(self) -> int:
        """Return what was neither granted back nor is disputed."""
        return self.captured - self.refunded - self.disputed

    @property
    def is_awaited(self) -> bool:
        """Return whether the buyer's bank decides about it now."""
        return self.status in {PaymentStatus.ACTION, PaymentStatus.PROCESSING}

    @property
    def is_with_provider(self) -> bool:
        """Return whether a provider may still collect it, and has not been silent for too long."""
        if not self.provider.is_online or not self.status.is_live:
            return False
        if self.cancelling_at is None:
            return True
        return now() < self.cancelling_at + timedelta(minutes=SILENT_MINUTES)

    def end(self, status: PaymentStatus) -> None:
        """End it without money. What the buyer needed for the provider is forgotten."""
        self.status, self.ended_at = status, now()
        self.client_secret = self.redirect_url = None

    def receive(self, amount: int, currency: str) -> None:
        """Count money that came in. It is a fact: a wrong amount becomes that of the payment."""
        self.status, self.ended_at = PaymentStatus.SUCCEEDED, now()
        self.amount = self.captured = amount
        self.currency = currency
        self.client_secret = self.redirect_url = None


def next_attempt(payments: Iterable[Payment], provider: PaymentProvider) -> int:
    """Return the number of the next payment by a provider, after those of the same subject."""
    return max((one.attempt for one in payments if one.provider is provider), default=0) + 1


class PaymentSplit(SQLModel, table=True):
    """The share of a payment that each sub-order has. Shares are never computed a second time."""

    __tablename__ = "payment_split"
    __table_args__ = (
        CheckConstraint(
            "least(captured, refunded, disputed) >= 0 AND refunded + disputed <= captured",
            name="captured",
        ),
        Index("payment_split_suborder_id_idx", "suborder_id"),
    )
    __privacy__ = of_others(none="captured refunded disputed")

    payment_id: UUID = foreign_key("payment", primary_key=True, index=False)
    suborder_id: UUID = foreign_key("suborder", primary_key=True, index=False)
    captured: int = minor_units()
    refunded: int = minor_units(default=0)
    disputed: int = minor_units(default=0, sa_column_kwargs={"server_default": "0"})

    @property
    def refundable(self) -> int:
        """Return what was neither granted back nor is disputed."""
        return self.captured - self.refunded - self.disputed

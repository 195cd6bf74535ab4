"""Purchases: what users and vendors pay to the platform itself, for a pack, a top-up or a debt.

They are no orders: nothing is shipped, they have no parts of vendors, and no commission.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, foreign_key, open_enum_column, timestamp
from models.errors import Refusal
from models.ledger.accounts import MAX_AMOUNT
from models.orders.orders import minor_units
from models.personal_data import keep_rows

MAX_PENDING = 20  # purchases of an owner that are not paid
HOLD_TIME = timedelta(days=3)  # for a transfer to come, or a payment to be tried again


class PurchaseKind(StrEnum):
    """The kind of a purchase: money for a wallet, a pack of quota, or what a vendor owes."""

    TOP_UP = "TOP_UP"
    PACK = "PACK"
    DEBT = "DEBT"


class PurchaseState(StrEnum):
    """`PENDING → PAID → REFUNDED`, or `PENDING → EXPIRED / CANCELLED`."""

    PENDING = "PENDING"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"

    def ensure_can_become(self, state: "PurchaseState") -> None:
        """Raise `InvalidPurchaseState`. One that has expired can be paid: money is a fact."""
        if state not in NEXT.get(self, ()):
            raise InvalidPurchaseState(state=self, wanted=state)


NEXT = {
    PurchaseState.PENDING: {PurchaseState.PAID, PurchaseState.EXPIRED, PurchaseState.CANCELLED},
    PurchaseState.EXPIRED: {PurchaseState.PAID},
    PurchaseState.PAID: {PurchaseState.REFUNDED},
}


class TopUpLimits(NamedTuple):
    """The least and the highest top-up, and the highest balance after it, in minor units."""

    least: int
    most: int
    balance: int


# Limits of the top-ups of wallets without a check of the person's papers.
TOP_UP_LIMITS: Mapping[str, TopUpLimits] = {
    "INR": TopUpLimits(10_00, 10_000_00, 50_000_00),
    "NGN": TopUpLimits(100_00, 200_000_00, 1_000_000_00),
    "USD": TopUpLimits(1_00, 500_00, 2_000_00),
    "EUR": TopUpLimits(1_00, 150_00, 1_000_00),
    "GBP": TopUpLimits(1_00, 150_00, 1_000_00),
}
VENDOR_FACTOR = 20  # a business may have so many times more


class Purchase(Row, table=True):
    """A thing that a user pays to the platform, for the user or for a vendor: the owner.

    `ref_id` is the pack. `total` is `net` and `tax`.
    """

    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(
            f"total = net + tax AND net > 0 AND tax >= 0 AND total <= {MAX_AMOUNT}", name="total"
        ),
        CheckConstraint("(kind = 'PACK') = (ref_id IS NOT NULL)", name="ref_id"),
        Index(
            "purchase_debt_key",
            "owner_id",
            unique=True,
            postgresql_where=text("kind = 'DEBT' AND state = 'PENDING'"),
        ),
        Index("purchase_user_id_idx", "user_id", "created_at", "id"),
        Index("purchase_owner_id_idx", "owner_id", "created_at", "id"),
        Index("purchase_created_at_idx", "created_at", "id"),
        Index("purchase_hold_until_idx", "hold_until", postgresql_where=text("state = 'PENDING'")),
    )
    __privacy__ = keep_rows(
        of="user_id owner_id", id="owner_id ref_id", none="currency net tax total"
    )

    user_id: UUID = foreign_key("user", index=False)
    owner_id: UUID
    kind: PurchaseKind = open_enum_column(PurchaseKind)
    ref_id: UUID | None = None
    state: PurchaseState = enum_column(PurchaseState, default=PurchaseState.PENDING)
    currency: str = Field(max_length=3)
    net: int = minor_units()
    tax: int = minor_units(default=0)
    total: int = minor_units()
    hold_until: datetime = timestamp()
    paid_at: datetime | None = timestamp(default=None)

    @property
    def vendor_id(self) -> UUID | None:
        """Return the vendor that it is for, None if it is for the user."""
        return None if self.owner_id == self.user_id else self.owner_id

    @property
    def is_overdue(self) -> bool:
        return self.state is PurchaseState.PENDING and self.hold_until <= now()

    def become(self, state: PurchaseState) -> None:
        """Change the state. Raises `InvalidPurchaseState`."""
        self.state.ensure_can_become(state)
        self.state = state


class InvalidPurchaseState(Refusal):
    """The purchase is in another state than this takes."""

    code = "PURCHASE_STATE"
    message = "This purchase has changed. Reload it."
    meaning = "The purchase's state does not allow the change, such as one that was paid."
    remedy = "Refetch the purchase."

    def __init__(self, *, state: PurchaseState, wanted: PurchaseState) -> None:
        self.state, self.wanted = state, wanted
        super().__init__()


class OwnPurchase(Refusal):
    message = "This is a purchase of yours, or of a business you work for. Ask another admin."
    meaning = (
        "An admin decides nothing about purchases of the admin, or of a vendor where they work."
    )
    remedy = "Ask another admin."


class TopUpOutOfRange(Refusal):
    message = "A top-up can be from {least} to {most} {currency}. Choose another amount."
    meaning = "The amount is below the least or above the highest top-up in this currency."
    remedy = "Show `message` next to the amount."


class WalletFull(Refusal):
    message = "The wallet can have at most {most} {currency}. Choose a lower amount."
    meaning = "The wallet, with top-ups that are not paid yet, would have more than it may."
    remedy = "Show `message` next to the amount."


class TopUpNotOffered(Refusal):
    message = "Wallets cannot be topped up in {currency}."
    meaning = "There are no limits for wallets in this currency, so none is topped up."
    remedy = "Hide the top-up in this currency."


class NothingToRefund(Refusal):
    message = "Nothing of this purchase is left to refund."
    meaning = "The units were used, or the money of the top-up was spent or refunded."
    remedy = "Refetch the purchase and the wallet."


class PurchaseLimitReached(Refusal):
    message = "There are {most} purchases that are not paid. Pay or cancel one first."
    meaning = "The owner has the maximum number of PENDING purchases."
    remedy = "List `purchases`, so that the user can pay or cancel one."

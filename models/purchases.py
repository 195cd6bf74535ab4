"""Purchases: what the platform itself sells to users and vendors, such as packs and top-ups.

They are no orders: nobody ships them, no vendor gets their money, and they are paid at once.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, open_enum_column, timestamp
from models.ledger.accounts import MAX_AMOUNT
from models.orders.orders import minor_units
from models.personal_data import keep_rows


class PurchaseKind(StrEnum):
    """What is bought: money for a wallet, or a pack of quota."""

    TOP_UP = "TOP_UP"
    PACK = "PACK"


class PurchaseState(StrEnum):
    """`PENDING → PAID → REFUNDED`, or `PENDING → EXPIRED / CANCELLED`."""

    PENDING = "PENDING"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"


class Purchase(Row, table=True):
    """What a user buys from the platform, for the user or for a vendor, which is the owner.

    `ref_id` is the pack. `total` is `net` and `tax`.
    """

    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(
            f"total = net + tax AND net > 0 AND tax >= 0 AND total <= {MAX_AMOUNT}", name="total"
        ),
        CheckConstraint("(kind = 'PACK') = (ref_id IS NOT NULL)", name="ref_id"),
        Index("purchase_user_id_idx", "user_id", "created_at", "id"),
        Index("purchase_owner_id_idx", "owner_id", "created_at", "id"),
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

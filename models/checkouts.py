"""Checkouts: a cart on its way to an order, with addresses, deliveries and codes chosen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, foreign_key, json, timestamp
from models.orders.orders import minor_units
from models.personal_data import delete_rows
from models.sealed_columns import sealed

CHECKOUT_MINUTES = 30  # after its last change
SHIP_TO_COLUMN = "checkout.ship_to"
BILL_TO_COLUMN = "checkout.bill_to"
TAX_ID_COLUMN = "checkout.buyer_tax_id"
MAX_CODES = 5
MAX_ITEMS = 100


class CheckoutState(StrEnum):
    """`OPEN → ORDERED / EXPIRED`."""

    OPEN = "OPEN"
    ORDERED = "ORDERED"
    EXPIRED = "EXPIRED"


class Checkout(Row, table=True):
    """The goods of a cart in one currency, and what the user chose for them. It holds nothing.

    `items` are lines beside the cart's: `{"kind": "TICKET", "id": …, "quantity": 1}`. `deliveries`
    has the id of a rate by each vendor's. `wallet` is the amount to take from the user's wallet.
    Prices are computed at each read, and the user agrees to their sum. The cart can be gone later.
    """

    __table_args__ = (
        Index(
            "checkout_open_key",
            "cart_id",
            "currency",
            unique=True,
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index("checkout_user_id_idx", "user_id"),
        Index("checkout_expires_at_idx", "expires_at", postgresql_where=text("state = 'OPEN'")),
        CheckConstraint(f"cardinality(promo_code_ids) <= {MAX_CODES}", name="promo_code_ids"),
        CheckConstraint(f"jsonb_array_length(items) <= {MAX_ITEMS}", name="items"),
        CheckConstraint("jsonb_typeof(deliveries) = 'object'", name="deliveries"),
        CheckConstraint("wallet >= 0", name="wallet"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    )
    __privacy__ = delete_rows(
        unless='EXISTS (SELECT FROM "order" WHERE "order".checkout_id = checkout.id)',
        personal="country",
        id="cart_id",
        none="currency items deliveries promo_code_ids wallet",
    )

    cart_id: UUID
    user_id: UUID = foreign_key("user", index=False)
    state: CheckoutState = enum_column(CheckoutState, default=CheckoutState.OPEN)
    currency: str = Field(max_length=3)
    items: list[dict[str, Any]] = json(default_factory=list)
    country: str | None = Field(default=None, max_length=2)
    ship_to: bytes | None = sealed(optional=True)
    bill_to: bytes | None = sealed(optional=True)
    buyer_tax_id: bytes | None = sealed(optional=True)
    deliveries: dict[str, str] = json(default_factory=dict)
    promo_code_ids: list[UUID] = Field(
        default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False, server_default="{}")
    )
    wallet: int = minor_units(default=0)
    expires_at: datetime = timestamp()
    updated_at: datetime = timestamp(default_factory=now)


class ProblemCode(StrEnum):
    """Why a checkout cannot be ordered as it is. `placeOrder` refuses for the same reasons."""

    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    PER_ORDER_MAXIMUM = "PER_ORDER_MAXIMUM"
    PRICE_CHANGED = "PRICE_CHANGED"
    NOT_SOLD = "NOT_SOLD"
    VENDOR_CLOSED = "VENDOR_CLOSED"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    EMPTY = "EMPTY"
    ADDRESS_MISSING = "ADDRESS_MISSING"
    NO_DELIVERY = "NO_DELIVERY"
    DELIVERY_NOT_CHOSEN = "DELIVERY_NOT_CHOSEN"
    PROMO_NOT_VALID = "PROMO_NOT_VALID"
    PROMO_NOT_APPLICABLE = "PROMO_NOT_APPLICABLE"
    TAX_UNKNOWN = "TAX_UNKNOWN"
    TAX_ID_INVALID = "TAX_ID_INVALID"
    WALLET_TOO_LOW = "WALLET_TOO_LOW"


@dataclass(frozen=True)
class CheckoutProblem:
    """A problem of a cart or a checkout, and what it is about.

    `ref_id` is the id of what the line is of, such as a variant. `available` are the units that are
    left or allowed, `seen` and `now` prices in minor units.
    """

    code: ProblemCode
    ref_id: UUID | None = None
    vendor_id: UUID | None = None
    promo_code_id: UUID | None = None
    available: int | None = None
    seen: int | None = None
    now: int | None = None

"""Carts: the goods that a customer wants to buy. They reserve nothing."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.catalog.variants import MAX_PER_ORDER, MAX_PRICE
from models.personal_data import delete_rows

MAX_LINES = 100  # of a cart
MAX_QUANTITY = MAX_PER_ORDER
CART_DAYS, ANONYMOUS_CART_DAYS = 90, 30  # without a change
TOKEN_BYTES = 32


class CartState(StrEnum):
    """`ACTIVE → ORDERED / ABANDONED`. The lines of an ABANDONED one were merged into another."""

    ACTIVE = "ACTIVE"
    ORDERED = "ORDERED"
    ABANDONED = "ABANDONED"


class Cart(Row, table=True):
    """A cart of a user, or of whoever has its token. Each change of its lines raises `version`.

    A user has one that is ACTIVE. Tokens are random, and stored as SHA-256.
    """

    __table_args__ = (
        CheckConstraint("num_nonnulls(user_id, token_hash) = 1", name="owner"),
        CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
        CheckConstraint("version >= 1", name="version"),
        Index("cart_active_key", "user_id", unique=True, postgresql_where=text("state = 'ACTIVE'")),
        Index("cart_token_hash_key", "token_hash", unique=True),
        Index("cart_updated_at_idx", "updated_at", postgresql_where=text("state <> 'ORDERED'")),
    )
    __privacy__ = delete_rows(none="version", secrets="token_hash")

    user_id: UUID | None = optional_foreign_key("user")
    token_hash: bytes | None = None
    state: CartState = enum_column(CartState, default=CartState.ACTIVE)
    version: int = 1
    updated_at: datetime = timestamp(default_factory=now)


class CartLine(Row, table=True):
    """Units of a variant in a cart, with the price that the customer saw last, in minor units."""

    __tablename__ = "cart_line"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint(f"quantity BETWEEN 1 AND {MAX_QUANTITY}", name="quantity"),
        CheckConstraint(f"seen_price BETWEEN 0 AND {MAX_PRICE}", name="seen_price"),
    )
    __privacy__ = delete_rows(of="cart_id", personal="quantity seen_price")

    cart_id: UUID = foreign_key("cart", index=False)
    variant_id: UUID = foreign_key("variant", index=False)
    quantity: int
    seen_price: int = Field(sa_type=BigInteger)

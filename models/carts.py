"""Carts: the goods that a customer wants to buy. They reserve nothing."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.catalog.variants import MAX_PER_ORDER, MAX_PRICE
from models.errors import Refusal
from models.personal_data import delete_rows

MAX_LINES = 100  # of a cart
MAX_QUANTITY = MAX_PER_ORDER
CART_DAYS, ANONYMOUS_CART_DAYS = 90, 30  # without a change
TOKEN_BYTES, MAX_TOKEN_LENGTH = 32, 100
Quantity = Annotated[int, Range(ge=1, le=MAX_QUANTITY)]


class CartState(StrEnum):
    """`ACTIVE → ORDERED / ABANDONED`. The lines of an ABANDONED one were merged into another."""

    ACTIVE = "ACTIVE"
    ORDERED = "ORDERED"
    ABANDONED = "ABANDONED"


class Cart(Row, table=True):
    """A cart of a user, or of an anonymous caller with its token.

    A user has one that is ACTIVE. Each change of the lines raises `version`. Tokens are random, and
    stored as SHA-256.
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


class LineDraft(BaseModel, frozen=True):
    """Validated units of a variant to be added, or to be merged into a cart."""

    variant_id: UUID
    quantity: Quantity


class LineChange(BaseModel, frozen=True):
    """Validated units of a variant that a cart will have. Zero removes its line."""

    variant_id: UUID
    quantity: Annotated[int, Range(ge=0, le=MAX_QUANTITY)]


class MergeDraft(BaseModel, frozen=True):
    """Validated lines to be merged into a cart."""

    lines: Annotated[list[LineDraft], Range(max_length=MAX_LINES)]


class NotSold(Refusal):
    message = "This is not sold any more. Choose something else."
    meaning = (
        "The variant does not exist, is RETIRED, or belongs to a product that is not PUBLISHED or"
        " to a vendor that is not APPROVED. They look the same."
    )
    remedy = "Refetch the product. Offer to remove the line."


class PerOrderMax(Refusal):
    """One order can take at most `most` units of the variant."""

    message = "You can order at most {most} of this at once. Choose a lower number."
    meaning = "The quantity exceeds the most units of the variant that one order can take."
    remedy = "Limit the quantity to `perOrderMax` of the variant, or to 999."


class CartFull(Refusal):
    message = "A cart can have at most {most} different articles. Remove some, or order them first."
    meaning = "The cart has the maximum number of lines."
    remedy = "Let the user remove lines."


class VendorClosed(Refusal):
    message = "This business does not sell at present. Remove its articles to continue."
    meaning = "The vendor of a line is not APPROVED. It was suspended, for example."
    remedy = "Offer to remove the lines of the vendor."


class PriceChanged(Refusal):
    message = "The price has changed since you put this into the cart. Check it to continue."
    meaning = "The price of a line is another one than the customer saw."
    remedy = "Show `seenPrice` and `unitPrice` of the line, then call `acceptCartPrices`."


class CurrencyMismatch(Refusal):
    message = "This is sold in another currency. Order it separately."
    meaning = "The currency of a line is not that of the checkout: an order has one currency."
    remedy = "Create a checkout for each currency of the cart."


class NotKeptReason(StrEnum):
    """Why units were not merged into a cart."""

    NOT_SOLD = "NOT_SOLD"
    PER_ORDER_MAX = "PER_ORDER_MAX"
    CART_FULL = "CART_FULL"

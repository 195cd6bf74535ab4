"""Variants of products: what is put into a cart, with its price."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from core.clock import now
from models.base import DEFERRED, Row, enum_column, json, timestamp
from models.errors import Refusal
from models.personal_data import of_others
from models.text import Identifier, one_line_constraint

MAX_VARIANTS = 100  # of a product, with retired ones
MAX_SKU_LENGTH = 40
MAX_PRICE = 10**12  # minor units
MAX_WEIGHT_G = 1_000_000
MAX_PER_ORDER = 999
Sku = Annotated[str, Identifier(MAX_SKU_LENGTH)]


class VariantState(StrEnum):
    """`ACTIVE ⇄ RETIRED`. A RETIRED one is not sold; orders keep referring to it."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


class Variant(Row, table=True):
    """One combination of a product's options. `options` has the key of a value by each option's.

    The foreign keys make the currency the vendor's, which cannot change any more, and the vendor
    the product's. `price` is what is charged, `compare_at` a higher price that is shown beside it.
    """

    __table_args__ = (
        one_line_constraint("sku"),
        ForeignKeyConstraint(
            ["product_id", "vendor_id"], ["product.id", "product.vendor_id"], **DEFERRED
        ),
        ForeignKeyConstraint(
            ["vendor_id", "currency"], ["vendor.id", "vendor.currency"], **DEFERRED
        ),
        UniqueConstraint("vendor_id", "sku"),
        Index(
            "variant_options_key",
            "product_id",
            "options",
            unique=True,
            postgresql_where=text("state = 'ACTIVE'"),
        ),
        Index("variant_product_id_idx", "product_id", "position", "id"),
        CheckConstraint(f"char_length(sku) <= {MAX_SKU_LENGTH}", name="sku_length"),
        CheckConstraint(f"price BETWEEN 0 AND {MAX_PRICE}", name="price"),
        CheckConstraint(f"compare_at > price AND compare_at <= {MAX_PRICE}", name="compare_at"),
        CheckConstraint(f"weight_g BETWEEN 0 AND {MAX_WEIGHT_G}", name="weight_g"),
        CheckConstraint(f"per_order_max BETWEEN 1 AND {MAX_PER_ORDER}", name="per_order_max"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("jsonb_typeof(options) = 'object'", name="options"),
    )
    __privacy__ = of_others(
        none="sku options price compare_at currency weight_g per_order_max position"
    )

    product_id: UUID
    vendor_id: UUID
    sku: Sku
    options: dict[str, str] = json(default_factory=dict)
    state: VariantState = enum_column(VariantState, default=VariantState.ACTIVE)
    price: int = Field(sa_type=BigInteger)
    compare_at: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(max_length=3)
    weight_g: int | None = None
    tracks_stock: bool = True
    per_order_max: int | None = None
    position: int = 0
    updated_at: datetime = timestamp(default_factory=now)

    @property
    def active(self) -> bool:
        return self.state is VariantState.ACTIVE

    @property
    def most(self) -> int:
        """Return the most units that one order can take."""
        return MAX_PER_ORDER if self.per_order_max is None else self.per_order_max

    @property
    def chosen(self) -> list[Mapping[str, str]]:
        """Return the keys of the options and of their values."""
        return [{"option": key, "value": value} for key, value in self.options.items()]


class SkuTaken(Refusal):
    message = "Another variant of this business has this SKU. Choose a different one."
    meaning = "The vendor has a variant with this SKU, perhaps a retired one."
    remedy = "Show `message` next to the SKU. After a retry, refetch the product: it may exist."
    constraint = "variant_vendor_id_sku_key"


class VariantExists(Refusal):
    message = "The product has a variant with these options. Change that one instead."
    meaning = "An active variant of the product has the same values of all options."
    remedy = "Let the user choose other values, or edit the variant that has them."
    constraint = "variant_options_key"


class VariantLimitReached(Refusal):
    message = "A product can have at most {most} variants, with retired ones. Create another one."
    meaning = "The product has the maximum number of variants."
    remedy = "Let the user restore a retired variant, or create another product."

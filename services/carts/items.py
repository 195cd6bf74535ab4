"""The lines of a cart, each with its variant as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import asyncpg
from sqlalchemy import and_, select
from sqlmodel import col

from core.statements.statement import Statement, any_of
from models.carts import CartLine
from models.catalog.products import Product, ProductState
from models.catalog.variants import MAX_PER_ORDER, Variant, VariantState
from models.stock.levels import Stock
from models.vendors import Vendor, VendorStatus

# Of many carts at once, each in the order in which its lines were added.
ITEMS = Statement(
    select(
        col(CartLine.id),
        col(CartLine.cart_id),
        col(CartLine.variant_id),
        col(CartLine.quantity),
        col(CartLine.seen_price),
        col(Variant.product_id),
        col(Variant.vendor_id),
        col(Variant.price),
        col(Variant.currency),
        col(Variant.per_order_max),
        col(Variant.tracks_stock),
        and_(
            col(Variant.state) == VariantState.ACTIVE, col(Product.state) == ProductState.PUBLISHED
        ).label("sold"),
        (col(Vendor.status) == VendorStatus.APPROVED).label("vendor_open"),
        col(Product.title),
        col(Product.locale),
        (col(Stock.on_hand) - col(Stock.reserved)).label("available"),
    )
    .join(Variant, col(Variant.id) == col(CartLine.variant_id))
    .join(Product, col(Product.id) == col(Variant.product_id))
    .join(Vendor, col(Vendor.id) == col(Variant.vendor_id))
    .outerjoin(Stock, col(Stock.variant_id) == col(Variant.id))
    .where(any_of(col(CartLine.cart_id)))
    .order_by(col(CartLine.created_at), col(CartLine.id))
)


@dataclass(frozen=True)
class CartItem:
    """A line of a cart, with its variant as it is now.

    `most` are the units that one order can take, and `available` those in stock, None without a
    limit. `seen_price` is what the customer saw, `price` what is charged.
    """

    id: UUID
    cart_id: UUID
    variant_id: UUID
    product_id: UUID
    vendor_id: UUID
    quantity: int
    seen_price: int
    price: int
    currency: str
    sold: bool
    vendor_open: bool
    most: int
    available: int | None
    title: Mapping[str, str]
    locale: str

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        given = dict(row)
        per_order_max, tracks_stock = given.pop("per_order_max"), given.pop("tracks_stock")
        available = given.pop("available") or 0
        return cls(
            most=MAX_PER_ORDER if per_order_max is None else per_order_max,
            available=max(0, available) if tracks_stock else None,
            **given,
        )

    @property
    def can_be_sold(self) -> bool:
        return self.sold and self.vendor_open

    @property
    def total(self) -> int:
        return self.price * self.quantity

"""Goods as lines of orders: variants of products, taken from stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import any_, col, select

from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.catalog.products import Product, ProductKind, ProductState, TaxClass
from models.catalog.variants import MAX_PER_ORDER, Variant, VariantState
from models.categories import Category
from models.checkouts import CheckoutProblem, ProblemCode
from models.orders.lines import LineKind
from models.pricing.lines import Line
from models.stock.levels import Stock
from models.vendors import Vendor, VendorStatus
from services.orders.kinds import Priced, Sellable, Wanted
from services.stock.problems import find_problems
from services.stock.reservations import ReservedGoods
from services.viewer import Viewer

COLUMNS: list[Any] = [
    col(Variant.id),
    col(Variant.vendor_id),
    col(Variant.product_id),
    col(Variant.sku),
    col(Variant.options).label("chosen"),
    col(Variant.price),
    col(Variant.currency),
    col(Variant.weight_g),
    col(Variant.tracks_stock),
    col(Variant.per_order_max),
    (col(Variant.state) == VariantState.ACTIVE).label("active"),
    (col(Product.state) == ProductState.PUBLISHED).label("published"),
    (col(Vendor.status) == VendorStatus.APPROVED).label("vendor_open"),
    (col(Product.kind) == ProductKind.PHYSICAL).label("physical"),
    col(Product.locale),
    col(Product.title),
    col(Product.options),
    col(Product.tax_class),
    col(Product.hsn_code),
    col(Category.path),
    (col(Stock.on_hand) - col(Stock.reserved)).label("available"),
]
VARIANTS = Statement(
    select(*COLUMNS)
    .join(Product, col(Product.id) == col(Variant.product_id))
    .join(Vendor, col(Vendor.id) == col(Variant.vendor_id))
    .join(Category, col(Category.id) == col(Product.category_id))
    .outerjoin(Stock, col(Stock.variant_id) == col(Variant.id))
    .where(any_of(col(Variant.id)))
)
CATEGORIES = Statement(
    select(col(Category.id), col(Category.path)).where(
        col(Category.path) == any_(bindparam("paths", type_=ARRAY(Text())))
    )
)


@dataclass(frozen=True)
class GoodsItem:
    """Wanted units of a variant, with the variant as it is now."""

    wanted: Wanted
    row: asyncpg.Record

    @property
    def variant_id(self) -> UUID:
        return self.wanted.ref_id

    @property
    def quantity(self) -> int:
        return self.wanted.quantity

    @property
    def seen_price(self) -> int | None:
        return self.wanted.seen_price

    @property
    def vendor_id(self) -> UUID:
        vendor_id: UUID = self.row["vendor_id"]
        return vendor_id

    @property
    def price(self) -> int:
        price: int = self.row["price"]
        return price

    @property
    def vendor_open(self) -> bool:
        return bool(self.row["vendor_open"])

    @property
    def sold(self) -> bool:
        return bool(self.row["active"] and self.row["published"])

    @property
    def most(self) -> int:
        most: int | None = self.row["per_order_max"]
        return MAX_PER_ORDER if most is None else most

    @property
    def available(self) -> int | None:
        return max(0, self.row["available"] or 0) if self.row["tracks_stock"] else None

    def sellable(self, category_ids: Mapping[str, UUID]) -> Sellable:
        """Return the line of an order. `category_ids` are by path."""
        row = self.row
        line = Line(
            id=self.variant_id,
            vendor_id=self.vendor_id,
            unit=self.price,
            quantity=self.quantity,
            product_id=row["product_id"],
            category_ids=frozenset(category_ids[path] for path in with_ancestors(row["path"])),
            tax_class=row["tax_class"],
            delivered=row["physical"],
        )
        return Sellable(
            kind=LineKind.GOODS,
            ref_id=self.variant_id,
            line=line,
            currency=row["currency"],
            locale=row["locale"],
            title=row["title"],
            tax_class=TaxClass(row["tax_class"]),
            options=describe_options(row["options"], row["chosen"]),
            sku=row["sku"],
            hsn_code=row["hsn_code"],
            weight_g=(row["weight_g"] or 0) if row["physical"] else None,
        )


class Goods(ReservedGoods):
    """The rules of goods. A wanted thing is a variant."""

    async def price(self, unit: UnitOfWork, viewer: Viewer, wanted: Sequence[Wanted]) -> Priced:
        """Price variants as everyone can buy them, in two statements."""
        connection = await connection_of(unit)
        rows: Any = await VARIANTS.fetch(connection, keys=[one.ref_id for one in wanted])
        by_id = {row["id"]: row for row in rows}
        items = [GoodsItem(one, by_id[one.ref_id]) for one in wanted if one.ref_id in by_id]
        unknown = [
            CheckoutProblem(ProblemCode.NOT_SOLD, one.ref_id)
            for one in wanted
            if one.ref_id not in by_id
        ]
        paths = {path for item in items for path in with_ancestors(item.row["path"])}
        categories = await CATEGORIES.fetch(connection, paths=sorted(paths))
        category_ids = {row["path"]: row["id"] for row in categories}
        sold = [one.sellable(category_ids) for one in items if one.sold and one.vendor_open]
        return Priced(sold, [*unknown, *find_problems(items)])


def with_ancestors(path: str) -> list[str]:
    """Return the paths of a category and of those above it."""
    slugs = path.removesuffix("/").split("/")
    return ["/".join(slugs[: depth + 1]) + "/" for depth in range(len(slugs))]


def describe_options(
    options: Sequence[Mapping[str, Any]], chosen: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    """Return the options of a product that were chosen, each with the one value."""
    return [
        {"key": option["key"], "name": option["name"], "value": value}
        for option in options
        for value in option["values"]
        if value["key"] == chosen.get(option["key"])
    ]

"""Facets of a list of products: how many there are of each category, vendor, option and price.

A facet ignores its own condition, so that it counts what else could be chosen: with the vendors A
and B, `vendors` counts the products of B while only those of A are listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text, Uuid, cast, distinct
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col, desc, func, select, true
from sqlmodel.ext.asyncio.session import AsyncSession

from core.keyset import MAX_COUNT, set_planning
from models.catalog.products import Product
from models.catalog.variants import MAX_PRICE, Variant, VariantState
from services.catalog.search import ProductFilter, list_products
from services.viewer import Viewer

MAX_FACETS = 20  # categories, vendors or prices
MAX_CHOICES = 100  # values of all options
# Variants whose options are counted. 100,000, of the most products that are counted, took 950 ms.
MAX_COUNTED_VARIANTS = 20_000
# Bounds of prices in minor units: 1, 2, 5, 10, 20, 50 and so on.
BOUNDS = [
    step * 10**power for power in range(13) for step in (1, 2, 5) if step * 10**power <= MAX_PRICE
]


@dataclass(frozen=True)
class FacetCount:
    """The number of products with the row that has this id."""

    id: UUID
    count: int


@dataclass(frozen=True)
class PriceCount:
    """The number of products whose lowest price is at least `low` and less than `high`."""

    currency: str
    low: int
    high: int | None
    count: int


@dataclass(frozen=True)
class ChoiceCount:
    """The number of products with a variant that has a value of an option.

    `product_id` is one of them, whose names of both are shown.
    """

    option: str
    value: str
    count: int
    product_id: UUID


async def count_categories(
    session: AsyncSession, viewer: Viewer, wanted: ProductFilter
) -> list[FacetCount]:
    return await _count(session, viewer, replace(wanted, category_id=None), Product.category_id)


async def count_vendors(
    session: AsyncSession, viewer: Viewer, wanted: ProductFilter
) -> list[FacetCount]:
    return await _count(session, viewer, replace(wanted, vendor_id=None), Product.vendor_id)


async def _count(
    session: AsyncSession, viewer: Viewer, wanted: ProductFilter, by: Any
) -> list[FacetCount]:
    ids = await _ids(session, viewer, wanted)
    number = func.count().label("number")
    rows = select(by, number).where(col(Product.id).in_(ids)).group_by(by)
    found = await session.exec(rows.order_by(desc("number"), by).limit(MAX_FACETS))
    return [FacetCount(*row) for row in found]


async def count_prices(
    session: AsyncSession, viewer: Viewer, wanted: ProductFilter
) -> list[PriceCount]:
    """Count products by their lowest price, in ascending bands of each currency."""
    ids = await _ids(session, viewer, replace(wanted, price_from=None, price_below=None))
    bounds = array(BOUNDS, type_=BigInteger())
    band = func.width_bucket(col(Product.min_price), bounds).label("band")
    rows = (
        select(Product.currency, band, func.count())
        .where(col(Product.id).in_(ids), col(Product.min_price).is_not(None))
        .group_by(col(Product.currency), band)
        .order_by(col(Product.currency), band)
        .limit(MAX_FACETS)
    )
    edges = [0, *BOUNDS, None]
    return [
        PriceCount(currency, edges[number] or 0, edges[number + 1], count)
        for currency, number, count in await session.exec(rows)
    ]


async def count_in_stock(session: AsyncSession, viewer: Viewer, wanted: ProductFilter) -> int:
    """Count the products of which a variant can be bought."""
    ids = await _ids(session, viewer, replace(wanted, in_stock=True))
    return (await session.exec(select(func.count()).select_from(ids.subquery()))).one()


async def count_choices(
    session: AsyncSession, viewer: Viewer, wanted: ProductFilter
) -> list[ChoiceCount]:
    """Count products by the values of their options, the commonest first.

    Only the first 20,000 variants count: a product can have 100.
    """
    ids = await _ids(session, viewer, replace(wanted, options=()))
    variants = (
        select(Variant.product_id, Variant.options)
        .where(col(Variant.product_id).in_(ids), Variant.state == VariantState.ACTIVE)
        .limit(MAX_COUNTED_VARIANTS)
        .subquery()
    )
    choice = func.jsonb_each_text(variants.c.options).table_valued("key", "value").lateral()
    number = func.count(distinct(variants.c.product_id)).label("number")
    sample: Any = cast(func.min(cast(variants.c.product_id, Text)), Uuid())
    rows = (
        select(choice.c.key, choice.c.value, number, sample)
        .select_from(variants)
        .join(choice, true())
        .group_by(choice.c.key, choice.c.value)
        .order_by(desc("number"), choice.c.key, choice.c.value)
        .limit(MAX_CHOICES)
    )
    return [ChoiceCount(*row) for row in await session.exec(rows)]


async def find_products(
    session: AsyncSession, choices: Sequence[ChoiceCount]
) -> dict[UUID, Product]:
    """Return the products that show the names of options and values."""
    ids = {choice.product_id for choice in choices}
    found = await session.exec(select(Product).where(col(Product.id).in_(ids)))
    return {product.id: product for product in found}


async def _ids(session: AsyncSession, viewer: Viewer, wanted: ProductFilter) -> Any:
    """Select the ids of at most 10,000 products of a list."""
    listing = list_products(viewer, wanted)
    await set_planning(session, listing)
    ids = listing.rows.with_only_columns(col(Product.id), maintain_column_froms=True)
    return ids.order_by(None).limit(MAX_COUNT)

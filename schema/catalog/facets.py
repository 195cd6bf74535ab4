"""Facets of a list of products."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import strawberry

from dataloaders.categories import category_by_id
from dataloaders.vendors import vendor_by_id
from engine.arguments import OPTIONS_COST, PUBLIC_COUNT_COST
from engine.context import Info
from engine.scalars import CurrencyCode
from engine.types import column, field, related
from models.base import localized
from schema.lazy import LazyCategory, LazyVendor
from schema.money import Money, money_of, optional_money
from services.catalog import facets
from services.catalog.facets import MAX_CHOICES, MAX_COUNTED_VARIANTS, MAX_FACETS, ChoiceCount
from services.catalog.search import ProductFilter

COUNTED = "The number of products."


@strawberry.type(description="The number of products of a category.")
class CategoryFacet:
    category: LazyCategory = related(
        category_by_id, by="id", description="The category.", public=True
    )
    count: int = column(COUNTED)


@strawberry.type(description="The number of products of a vendor.")
class VendorFacet:
    vendor: LazyVendor = related(vendor_by_id, by="id", description="The vendor.", public=True)
    count: int = column(COUNTED)


@strawberry.type(description="The number of products in a band of prices.")
class PriceFacet:
    currency: CurrencyCode = column("The currency.")
    count: int = column(COUNTED)

    @field("The least of the lowest prices.", needs=("low", "currency"), public=True)
    def price_from(root: strawberry.Parent[Any]) -> Money:
        return money_of(root.low, root.currency)

    @field(
        "The most, which is not included. Null without an end.",
        needs=("high", "currency"),
        public=True,
    )
    def price_below(root: strawberry.Parent[Any]) -> Money | None:
        return optional_money(root.high, root.currency)


@strawberry.type(description="The number of products with a value of an option.")
class OptionFacet:
    option: str = strawberry.field(description="The option's key.")
    option_name: str = strawberry.field(description="The option's name, as one of them has it.")
    value: str = strawberry.field(description="The value's key.")
    value_name: str = strawberry.field(description="The value's name, as one of them has it.")
    count: int = strawberry.field(description=COUNTED)


@strawberry.type(
    description="The numbers of products to narrow a list by, among the first 10,000. Each ignores"
    " its own condition in `where`, so that it counts what else could be chosen."
)
class ProductFacets:
    wanted: strawberry.Private[ProductFilter]

    @field(
        f"Those of the {MAX_FACETS} most frequent categories.",
        cost=PUBLIC_COUNT_COST,
        size=MAX_FACETS,
        public=True,
    )
    async def categories(self, info: Info) -> list[CategoryFacet]:
        return await self._count(info, facets.count_categories)

    @field(
        f"Those of the {MAX_FACETS} most frequent vendors.",
        cost=PUBLIC_COUNT_COST,
        size=MAX_FACETS,
        public=True,
    )
    async def vendors(self, info: Info) -> list[VendorFacet]:
        return await self._count(info, facets.count_vendors)

    @field(
        f"Those of bands of the lowest price, ascending: at most {MAX_FACETS}.",
        cost=PUBLIC_COUNT_COST,
        size=MAX_FACETS,
        public=True,
    )
    async def prices(self, info: Info) -> list[PriceFacet]:
        return await self._count(info, facets.count_prices)

    @field(
        f"Those of values of options, the most frequent first: at most {MAX_CHOICES}, of the first"
        f" {MAX_COUNTED_VARIANTS:,} variants.",
        cost=OPTIONS_COST,
        size=MAX_CHOICES,
        public=True,
    )
    async def options(self, info: Info) -> list[OptionFacet]:
        async with info.context.read_session() as session:
            viewer = info.context.viewer
            found = await facets.count_choices(session, viewer, self.wanted)
            products = await facets.find_products(session, found)
        return [
            _option(choice, products[choice.product_id], info.context.locales) for choice in found
        ]

    @field(
        "That of products of which a variant can be bought.",
        cost=PUBLIC_COUNT_COST,
        public=True,
        volatile=True,
    )
    async def in_stock(self, info: Info) -> int:
        async with info.context.read_session() as session:
            return await facets.count_in_stock(session, info.context.viewer, self.wanted)

    async def _count(self, info: Info, count: Callable[..., Awaitable[Sequence[Any]]]) -> list[Any]:
        async with info.context.read_session() as session:
            return list(await count(session, info.context.viewer, self.wanted))


def _option(choice: ChoiceCount, product: Any, locales: list[str]) -> OptionFacet:
    """Return the facet with the names that a product gives to the option and to the value."""
    known = {one.key: one for one in product.choices}
    option = known.get(choice.option)
    values = {one.key: one.name for one in option.values} if option else {}
    return OptionFacet(
        option=choice.option,
        option_name=localized(option.name, locales, product.locale) if option else choice.option,
        value=choice.value,
        value_name=localized(values.get(choice.value, {}), locales, product.locale) or choice.value,
        count=choice.count,
    )

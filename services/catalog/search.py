"""Search of products by vendor, category, price, options, place and text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid
from sqlalchemy.types import TypeEngine
from sqlmodel import col, not_, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in
from core.errors import BadInput
from core.keyset import Listing, Ordering, newest_first
from core.statements.pages import PageStatements
from core.statements.parameters import given, placeholders
from models.catalog.products import Product, ProductKind, ProductState
from models.catalog.variants import Variant, VariantState
from models.members import Permission
from models.stock.levels import Stock
from services.catalog.access import live_products, visible_products
from services.categories.queries import subtree
from services.journal.topics import vendor_topic
from services.near import CUSTOM_PLAN, MAX_NEAR, NEAR_PLANNING, Near, is_near, nearest
from services.search import by_ordering, by_similarity
from services.vendors.access import works_at
from services.viewer import Viewer

MAX_SHAPES = 256  # of lists whose statements are kept
# The conditions of a filter whose values are parameters of its statements.
PARAMETERS: Mapping[str, TypeEngine[Any]] = {
    "vendor_id": Uuid(),
    "category_id": Uuid(),
    "country": String(),
}


class ProductOrder(StrEnum):
    NEWEST = "NEWEST"
    PRICE_ASCENDING = "PRICE_ASCENDING"
    PRICE_DESCENDING = "PRICE_DESCENDING"
    NEAREST = "NEAREST"
    RELEVANCE = "RELEVANCE"


PRICE_ORDERS = frozenset({ProductOrder.PRICE_ASCENDING, ProductOrder.PRICE_DESCENDING})


@dataclass(frozen=True)
class ChosenOption:
    """An option, and the values of which a variant must have one."""

    key: str
    values: Sequence[str]


@dataclass(frozen=True)
class ProductFilter:
    """Conditions on a list of products. None is no condition.

    Prices are the lowest of a product, in `currency`. Products in `states` that are not live are
    found only at the viewer's vendors.
    """

    vendor_id: UUID | None = None
    category_id: UUID | None = None
    country: str | None = None
    kind: ProductKind | None = None
    currency: str | None = None
    price_from: int | None = None
    price_below: int | None = None
    options: tuple[ChosenOption, ...] = ()
    in_stock: bool = False
    states: tuple[ProductState, ...] | None = None
    near: Near | None = None
    search: str | None = None


@dataclass(frozen=True)
class ProductListing(Listing[Product]):
    """A list of products, with its conditions, by which its facets are counted."""

    wanted: ProductFilter = ProductFilter()


def search_products(
    viewer: Viewer, wanted: ProductFilter, order: ProductOrder | None = None
) -> ProductListing:
    """Search products.

    The default order is by similarity for a text search, by distance with coordinates, else newest
    first. Distances are in metres, in a straight line.
    """
    values = given(wanted, PARAMETERS)
    if order in {None, ProductOrder.NEWEST} and wanted == ProductFilter(
        **values, kind=wanted.kind, states=wanted.states
    ):
        statements = _statements(viewer.kind, tuple(values), wanted.kind, wanted.states)
        listing = statements.listing(values)
    else:
        listing = list_products(viewer, wanted, order)
    return ProductListing(**vars(listing), wanted=wanted)


@lru_cache(maxsize=MAX_SHAPES)
def _statements(
    viewer: Viewer,
    names: tuple[str, ...],
    kind: ProductKind | None,
    states: tuple[ProductState, ...] | None,
) -> PageStatements[Product]:
    """Write the statements for conditions. `names` are at most 3, of PARAMETERS."""
    wanted = ProductFilter(**placeholders(names, PARAMETERS), kind=kind, states=states)
    return PageStatements(list_products(viewer, wanted))


def list_products(
    viewer: Viewer, wanted: ProductFilter, order: ProductOrder | None = None
) -> Listing[Product]:
    """List products, with the values of the conditions in the statement."""
    rows = _matching(viewer, wanted)
    near, ordering = partial(is_near, wanted.near), _ordering(wanted, order)
    if wanted.search is not None and ordering is None:
        return by_similarity(rows.where(near(Product)), Product, wanted.search)
    ordering = ordering or newest_first(Product)
    if wanted.search is not None:
        return by_ordering(rows, Product, wanted.search, ordering, also=near)
    if wanted.near is None:
        return _list(viewer, wanted, rows, ordering)
    rows = rows.where(near(Product))
    if order in {None, ProductOrder.NEAREST}:
        return Listing(rows, ordering, countable=MAX_NEAR, planning=CUSTOM_PLAN)
    closest = _ids(rows).order_by(nearest(wanted.near, Product).key).limit(MAX_NEAR + 1)
    among = select(Product).where(col(Product.id).in_(select(closest.subquery())))
    return Listing(among, ordering, countable=MAX_NEAR, planning=NEAR_PLANNING)


def list_managed_products(vendor_id: UUID, states: Sequence[ProductState] | None) -> ProductListing:
    """List the products of a vendor for its members, the newest first."""
    wanted = ProductFilter(vendor_id=vendor_id, states=tuple(states or ProductState))
    rows, topics = select(Product).where(*_filters(wanted)), [vendor_topic(vendor_id)]
    return ProductListing(rows, newest_first(Product), topics=topics, wanted=wanted)


def _list(
    viewer: Viewer, wanted: ProductFilter, rows: SelectOfScalar[Product], ordering: Ordering
) -> Listing[Product]:
    """List products anywhere, without a text search.

    A member's own products, whatever their state, and the live ones of others are parts, as those
    of offers are.
    """
    planning = CUSTOM_PLAN if wanted.options or wanted.in_stock or wanted.currency else {}
    listing = Listing(rows, ordering, planning=planning)
    if wanted.states is None or viewer.admin or viewer.user_id is None:
        return listing
    own = works_at(viewer.staff, col(Product.vendor_id), Permission.SEE_PRODUCTS)
    filters = [*_filters(wanted)]
    parts = live_products().where(*filters, not_(own)), select(Product).where(*filters, own)
    return replace(listing, parts=[_ids(part) for part in parts])


def _ids(rows: SelectOfScalar[Product]) -> Any:
    return rows.with_only_columns(col(Product.id), maintain_column_froms=True)


def _ordering(wanted: ProductFilter, order: ProductOrder | None) -> Ordering | None:
    """Return the ordering, or None for similarity."""
    if order in PRICE_ORDERS:
        if wanted.currency is None:
            raise BadInput("Choose a currency, to sort by price.")
        descends = order is ProductOrder.PRICE_DESCENDING
        return Ordering(f"price:{order}", Product.min_price, Product.id, int, descending=descends)
    if (order is None and wanted.search is not None) or order is ProductOrder.RELEVANCE:
        if wanted.search is None:
            raise BadInput("Enter a text to search for, to sort by relevance.")
        return None
    if (order is None and wanted.near is not None) or order is ProductOrder.NEAREST:
        if wanted.near is None:
            raise BadInput("Choose a place, to sort by distance.")
        return nearest(wanted.near, Product)
    return newest_first(Product)


def _matching(viewer: Viewer, wanted: ProductFilter) -> SelectOfScalar[Product]:
    rows = live_products() if wanted.states is None else visible_products(viewer)
    return rows.where(*_filters(wanted))


def _filters(wanted: ProductFilter) -> Iterator[ColumnElement[bool] | bool]:
    if wanted.states is not None:
        yield col(Product.state).in_(wanted.states)
    if wanted.vendor_id is not None:
        yield Product.vendor_id == wanted.vendor_id
    if wanted.category_id is not None:
        yield col(Product.category_id).in_(subtree(wanted.category_id))
    if wanted.country is not None:
        yield Product.country == wanted.country
    if wanted.kind is not None:
        yield Product.kind == wanted.kind
    if wanted.currency is not None:  # and a price: a draft without variants has none
        yield Product.currency == wanted.currency
        yield col(Product.min_price).is_not(None)
    if wanted.price_from is not None:
        yield col(Product.min_price) >= wanted.price_from
    if wanted.price_below is not None:
        yield col(Product.min_price) < wanted.price_below
    if wanted.options or wanted.in_stock:
        yield exists_in(Variant, *_variant_conditions(wanted))


def _variant_conditions(wanted: ProductFilter) -> Iterator[ColumnElement[bool]]:
    """Match active variants of a product that have the chosen options and are in stock."""
    yield col(Variant.product_id) == Product.id
    yield col(Variant.state) == VariantState.ACTIVE
    for option in wanted.options:
        options: Any = col(Variant.options)
        yield options.op("->>", return_type=String())(option.key).in_(option.values)
    if wanted.in_stock:
        available = Stock.on_hand > col(Stock.reserved)
        stocked = exists_in(Stock, col(Stock.variant_id) == Variant.id, available)
        yield or_(~col(Variant.tracks_stock), stocked)

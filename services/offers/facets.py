"""Facets of a list of live offers: how many there are by category, city and discount.

A facet ignores its own condition, so that it counts the other values that can be chosen; only that
by category counts the categories within the chosen one. Lists with at most a city or a category
are counted in advance (`services/offers/facet_counts.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Integer, String, cast, literal
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, select, union_all
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.countries import postal_codes
from core.errors import BadInput
from core.keyset import MAX_COUNT
from core.statements.row_source import SessionRows
from models.categories import Category
from models.offers.facets import NO_ID, NO_KIND, ListingCount
from models.offers.listings import ListedOffer
from models.offers.offers import DiscountKind
from services.categories.queries import subtree
from services.offers.filters import OfferFilter
from services.offers.public_lists import is_live
from services.offers.sifting import found_by
from services.offers.text_search import TextSearch
from services.offers.understanding import Sought, read
from services.viewer import Viewer

MAX_VALUES = 20  # of a facet, the most frequent ones
BAND = 10  # percent
COUNTED_IN_ADVANCE = {"city_id", "category_id"}
MAX_AGE = timedelta(minutes=10)  # of numbers that were counted in advance, if no worker runs


class OfferFacet(StrEnum):
    CATEGORY = "CATEGORY"
    CITY = "CITY"
    DISCOUNT = "DISCOUNT"
    KIND = "KIND"


OWN_CONDITION: Mapping[OfferFacet, dict[str, Any]] = {
    OfferFacet.CITY: {"city_id": None},
    OfferFacet.DISCOUNT: {"discount_at_least": None},
    OfferFacet.KIND: {"discount_kinds": None},
}


@dataclass(frozen=True)
class FacetValue:
    """A value, and the number of offers that have it. `key` is an id, a kind or a percentage."""

    by: OfferFacet
    key: str
    count: int

    @property
    def id(self) -> UUID | None:
        return UUID(self.key) if self.by in {OfferFacet.CATEGORY, OfferFacet.CITY} else None

    @property
    def kind(self) -> DiscountKind | None:
        return DiscountKind(self.key) if self.by is OfferFacet.KIND else None

    @property
    def percent(self) -> int | None:
        """Return the lowest percentage of the band."""
        return max(1, int(self.key) * BAND) if self.by is OfferFacet.DISCOUNT else None


@dataclass(frozen=True)
class Facet:
    """The most frequent values. If not `exact`, the first 10,000 offers were counted."""

    by: OfferFacet
    values: Sequence[FacetValue]
    exact: bool
    as_of: datetime


async def count_facets(
    session: AsyncSession, viewer: Viewer, wanted: OfferFilter, by: Sequence[OfferFacet]
) -> list[Facet]:
    """Count a list of live offers, in at most two statements. Raises `BadInput`."""
    if wanted.states is not None:
        raise BadInput("Live offers are counted alone. Leave out the states.")
    if wanted.liked:
        viewer.require_user()
    narrowed = {one: replace(wanted, **OWN_CONDITION.get(one, {})) for one in by}
    as_of = None
    if any(_is_counted(one) for one in narrowed.values()):
        as_of = await _counted_at(session)
    counting = _Counting(session, viewer, as_of)
    parts = [await counting.select(one, narrowed[one]) for one in narrowed]
    found: dict[str, list[Any]] = {}
    if parts:
        for row in await session.execute(union_all(*parts)):
            found.setdefault(row.facet, []).append(row)
    return [_facet(one, found.get(one, []), as_of) for one in narrowed]


def _facet(by: OfferFacet, rows: Sequence[Any], as_of: datetime | None) -> Facet:
    values = [FacetValue(by, row.key, row.number) for row in rows]
    if by is OfferFacet.DISCOUNT:
        values.sort(key=lambda value: int(value.key))
    else:
        values.sort(key=lambda value: (-value.count, value.key))
    exact = all(row.counted <= MAX_COUNT for row in rows)
    counted_at = min((row.as_of for row in rows), default=as_of or now())
    return Facet(by, values, exact, counted_at)


def _is_counted(wanted: OfferFilter) -> bool:
    """Return whether the numbers of a list were counted in advance."""
    given = {one.name for one in fields(wanted) if getattr(wanted, one.name) not in (None, False)}
    return given <= COUNTED_IN_ADVANCE and len(given) <= 1


async def _counted_at(session: AsyncSession) -> datetime | None:
    """Return the time of the last count, or None if it was too long ago."""
    total = (ListingCount.city_id == NO_ID, ListingCount.category_id == NO_ID)
    rows = select(ListingCount.as_of).where(*total, ListingCount.kind == NO_KIND)
    found = (await session.exec(rows)).first()
    return found if found is not None and found > now() - MAX_AGE else None


@dataclass
class _Counting:
    """Selects the numbers of each facet, from the table or from the offers of a list."""

    session: AsyncSession
    viewer: Viewer
    as_of: datetime | None
    known: list[Sought] = field(default_factory=list)  # of the search, which all facets share

    async def select(self, by: OfferFacet, wanted: OfferFilter) -> Any:
        """Select the most frequent values of a facet."""
        counted: Any
        total: Any
        as_of: Any
        if self.as_of is not None and _is_counted(wanted):
            counted = _counted(by, wanted).subquery()
            total, as_of = literal(0), literal(self.as_of, DateTime(timezone=True))
        else:
            some = (await self._offers(wanted)).limit(MAX_COUNT + 1).cte(f"offers_{by.lower()}")
            of_offer = _key(by, some.c)
            each = select(of_offer.label("key"), func.count().label("number"))
            counted = each.where(of_offer.is_not(None)).group_by(of_offer).subquery()
            total = select(func.count()).select_from(some).scalar_subquery()
            as_of = func.now(type_=DateTime(timezone=True))
        values = _in_category(counted, wanted) if by is OfferFacet.CATEGORY else counted
        number = cast(values.c.number, Integer).label("number")
        key = cast(values.c.key, String).label("key")
        columns: list[Any] = [literal(by, String).label("facet"), key, number]
        rows = select(*columns, *[total.label("counted"), as_of.label("as_of")])
        return select(*rows.order_by(number.desc(), key).limit(MAX_VALUES).subquery().c)

    async def _offers(self, wanted: OfferFilter) -> Any:
        """Select the offers of a list."""
        words = read(wanted.search) if wanted.search is not None else []
        search = TextSearch(self.viewer, wanted, words, known=self.known)
        if wanted.pin_code is not None:
            search = replace(
                search, wanted=replace(wanted, pin_code=postal_codes.normalize(wanted.pin_code))
            )
        table: Any = ListedOffer
        if wanted.search is not None:
            sought = await search.understand(SessionRows(self.session))
            tsquery = search.narrowed(sought.everything.tsquery)
            table = aliased(ListedOffer, search.found(tsquery))
        elif (found := found_by(self.viewer, search.wanted)) is not None:
            table = aliased(ListedOffer, found)
        elif (nearby := search.nearby()) is not None:
            table = aliased(ListedOffer, nearby)
        columns = table.category_id, table.city_id, table.kind, table.percent
        return select(*columns).where(is_live(table), *search.conditions(table))


def _key(by: OfferFacet, columns: Any) -> Any:
    keys = {
        OfferFacet.CATEGORY: columns.category_id,
        OfferFacet.CITY: columns.city_id,
        OfferFacet.KIND: columns.kind,
        OfferFacet.DISCOUNT: columns.percent.op("/", return_type=Integer())(BAND),
    }
    return keys[by]


def _counted(by: OfferFacet, wanted: OfferFilter) -> Any:
    """Select the numbers that were counted in advance."""
    keys = {
        OfferFacet.CATEGORY: ListingCount.category_id,
        OfferFacet.CITY: ListingCount.city_id,
        OfferFacet.KIND: ListingCount.kind,
        OfferFacet.DISCOUNT: ListingCount.band,
    }
    key: Any = keys[by]
    rows: Any = select(key.label("key"), func.sum(ListingCount.number).label("number"))
    return rows.where(*_shape(by, wanted)).group_by(key)


def _shape(by: OfferFacet, wanted: OfferFilter) -> Iterator[Any]:
    """Yield the conditions on the rows by the two of what a facet and its list are by."""
    of_kind = by in {OfferFacet.KIND, OfferFacet.DISCOUNT}
    yield (col(ListingCount.kind) != NO_KIND) if of_kind else (col(ListingCount.kind) == NO_KIND)
    if by is OfferFacet.DISCOUNT:
        yield col(ListingCount.band) >= 0
    if by is OfferFacet.CITY:
        yield col(ListingCount.city_id) != NO_ID
    if of_kind and wanted.category_id is None:
        yield col(ListingCount.category_id) == NO_ID
    else:
        yield col(ListingCount.category_id) != NO_ID
    if wanted.category_id is not None:
        yield col(ListingCount.category_id).in_(subtree(wanted.category_id))
    if wanted.city_id is not None:
        yield col(ListingCount.city_id) == wanted.city_id


def _in_category(counted: Any, wanted: OfferFilter) -> Any:
    """Select the numbers of the shown categories within the chosen one, or the top-level ones."""
    leaf, within = aliased(Category), aliased(Category)
    rows: Any = (
        select(col(within.id).label("key"), func.sum(counted.c.number).label("number"))
        .select_from(counted)
        .join(leaf, col(leaf.id) == counted.c.key)
        .join(
            within,
            and_(
                func.starts_with(leaf.path, within.path),
                col(within.parent_id).is_not_distinct_from(wanted.category_id),
                ~col(within.hidden),
            ),
        )
    )
    return rows.group_by(within.id).subquery()

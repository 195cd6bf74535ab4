"""Public lists of offers, by one statement for each set of conditions and order.

An index in the list's order is enough for the commonest: by vendor, category, city, country or
postal code, the newest first. Of other conditions, PostgreSQL cannot know how many of the first
offers fulfil them, so the statement itself finds out (`Sifted`).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from core.countries import postal_codes
from core.database import exists_in
from core.keyset import ListBranch, Listing, Ordering
from core.statements.pages import PageStatements
from core.statements.parameters import current_time, given, placeholders
from models.categories import Category
from models.offers.listings import ListedOffer, ListedPin, OfferRank
from models.offers.offers import Offer
from services.categories.queries import subtree
from services.offers.filters import (
    PARAMETERS,
    FilterShape,
    OfferFilter,
    OfferOrder,
    listed_conditions,
)
from services.offers.sifting import Sifted, found_by
from services.viewer import Viewer

MAX_SHAPES = 512  # of lists whose statements are kept
# Conditions for which, alone, an index has the newest first.
INDEXED = frozenset({"vendor_id", "city_id", "country"})

NEWEST = Ordering(
    "listing.published_at",
    ListedOffer.published_at,
    ListedOffer.offer_id,
    datetime.fromisoformat,
    descending=True,
)
ENDING_SOON = Ordering(
    "listing.ends_at", ListedOffer.ends_at, ListedOffer.offer_id, datetime.fromisoformat
)
MOST_LIKED = Ordering("listing.likes", OfferRank.likes, OfferRank.offer_id, int, descending=True)
MOST_CLAIMED = Ordering(
    "listing.claims", OfferRank.claims, OfferRank.offer_id, int, descending=True
)
BY_QUALITY = Ordering(
    "listing.quality", OfferRank.quality, OfferRank.offer_id, int, descending=True
)
ORDERINGS = {
    OfferOrder.NEWEST: NEWEST,
    OfferOrder.ENDING_SOON: ENDING_SOON,
    OfferOrder.MOST_LIKED: MOST_LIKED,
    OfferOrder.MOST_CLAIMED: MOST_CLAIMED,
    OfferOrder.FOR_YOU: BY_QUALITY,  # unless it is personal (`for_you/pages.py`)
}
BY_RANK = {OfferOrder.MOST_LIKED, OfferOrder.MOST_CLAIMED, OfferOrder.FOR_YOU}


def list_public(viewer: Viewer, wanted: OfferFilter, order: OfferOrder) -> Listing[Offer]:
    """List live offers, but for those near a place and those with a text."""
    names = tuple(given(wanted, PARAMETERS))
    return _statements(viewer.kind, names, wanted.shape, order).listing(values_of(wanted))


def values_of(wanted: OfferFilter) -> dict[str, Any]:
    values = given(wanted, PARAMETERS)
    if wanted.pin_code is not None:
        values["pin_code"] = postal_codes.normalize(wanted.pin_code)
    return values


@lru_cache(maxsize=MAX_SHAPES)
def _statements(
    viewer: Viewer, names: tuple[str, ...], shape: FilterShape, order: OfferOrder
) -> PageStatements[Offer]:
    """Write the statements for conditions. `names` are at most 7, of PARAMETERS."""
    wanted: Any = OfferFilter(**vars(shape), **placeholders(names, PARAMETERS))
    ordering, branches = _branches(viewer, wanted, names, shape, order)
    return PageStatements(Listing(select(Offer), ordering, branches=branches))


def branches_of(
    viewer: Viewer, wanted: OfferFilter, order: OfferOrder
) -> tuple[Ordering, list[Any]]:
    """Return the branches of one list, which have its values."""
    wanted = replace(wanted, **values_of(wanted))
    return _branches(viewer, wanted, tuple(given(wanted, PARAMETERS)), wanted.shape, order)


def _branches(
    viewer: Viewer, wanted: Any, names: tuple[str, ...], shape: FilterShape, order: OfferOrder
) -> tuple[Ordering, list[Any]]:
    plain = shape == FilterShape()
    if plain and not names:
        return ORDERINGS[order], [ListBranch(_ids(_live(order)))]
    if plain and order is OfferOrder.NEWEST and len(names) == 1:
        if names[0] in INDEXED:
            rows = _live(order).where(*listed_conditions(viewer, wanted))
            return NEWEST, [ListBranch(_ids(rows))]
        if names[0] == "category_id":
            return NEWEST, [*_in_category(wanted.category_id)]
        if names[0] == "pin_code":
            return _at_pin_code(wanted.pin_code)
    conditions = partial(listed_conditions, viewer, wanted)
    return ORDERINGS[order], [Sifted(conditions, found_by(viewer, wanted))]


def is_live(table: type[ListedOffer] = ListedOffer) -> ColumnElement[bool]:
    """Match listings that have not ended, in that second."""
    return col(table.ends_at) > current_time()


def _live(order: OfferOrder) -> Any:
    rows: Any = select(ListedOffer).where(is_live())
    if order in BY_RANK:
        return rows.join(OfferRank, col(OfferRank.offer_id) == ListedOffer.offer_id)
    return rows


def _ids(rows: Any) -> Any:
    return rows.with_only_columns(col(ListedOffer.offer_id), maintain_column_froms=True)


def _in_category(category_id: UUID) -> Iterator[ListBranch]:
    """Yield the offers of a top-level category, and those of each category in another one."""
    yield ListBranch(_ids(_live(OfferOrder.NEWEST).where(ListedOffer.root_id == category_id)))
    is_inner = exists_in(Category, Category.id == category_id, col(Category.parent_id).is_not(None))
    each = subtree(category_id).where(is_inner).subquery("below")
    rows = _live(OfferOrder.NEWEST).where(ListedOffer.category_id == each.c.id)
    yield ListBranch(_ids(rows).correlate(each), each)


def _at_pin_code(pin_code: str) -> tuple[Ordering, list[ListBranch]]:
    rows = select(ListedPin.offer_id).where(
        col(ListedPin.pin) == pin_code, col(ListedPin.ends_at) > current_time()
    )
    newest = replace(NEWEST, key=ListedPin.published_at, id=ListedPin.offer_id)
    return newest, [ListBranch(rows)]

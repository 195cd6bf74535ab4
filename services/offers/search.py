"""Search of offers by location, category and text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid
from sqlalchemy.types import TypeEngine
from sqlmodel import col, not_, select
from sqlmodel.sql.expression import SelectOfScalar

from core.countries import postal_codes
from core.errors import BadInput
from core.keyset import Listing, Ordering, newest_first
from core.statements.pages import PageStatements
from core.statements.parameters import given, placeholders
from models.members import Permission
from models.offers.offers import Offer, OfferLike, OfferState
from services.categories.queries import subtree
from services.near import CUSTOM_PLAN, MAX_NEAR, NEAR_PLANNING, Near, is_near, nearest
from services.offers.offers import live_offers, live_offers_with_vendors, visible_offers
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


class OfferOrder(StrEnum):
    NEWEST = "NEWEST"
    ENDING_SOON = "ENDING_SOON"
    NEAREST = "NEAREST"
    RELEVANCE = "RELEVANCE"


@dataclass(frozen=True)
class OfferListing(Listing[Offer]):
    """A list of offers, with the place from which distances are measured, if any."""

    near: Near | None = None


@dataclass(frozen=True)
class OfferFilter:
    """Conditions on a list of offers. None is no condition.

    Offers in `states` that are not live are found only at the viewer's vendors.
    """

    vendor_id: UUID | None = None
    category_id: UUID | None = None
    country: str | None = None
    pin_code: str | None = None
    liked: bool = False
    states: list[OfferState] | None = None
    near: Near | None = None
    search: str | None = None


def search_offers(
    viewer: Viewer, wanted: OfferFilter, order: OfferOrder | None = None
) -> OfferListing:
    """Search offers.

    The default order is by similarity for a text search, by distance with coordinates, else newest
    first. Distances are in metres, in a straight line.
    """
    if _has_generic_plan(wanted, order):
        return _prepared(viewer, wanted, order)
    rows, near, search = _matching(viewer, wanted), partial(is_near, wanted.near), wanted.search
    if search is None:
        listing = _list(viewer, wanted, rows.where(near(Offer)), order)
    elif (ordering := _ordering(wanted, order)) is None:
        listing = by_similarity(rows.where(near(Offer)), Offer, search)
    else:
        listing = by_ordering(rows, Offer, search, ordering, also=near)
    return OfferListing(**vars(listing), near=wanted.near)


def _has_generic_plan(wanted: OfferFilter, order: OfferOrder | None) -> bool:
    """Return whether one plan suits all values of the conditions, by an index in the list's order.

    It depends on the postal code, or on the country in another order, how many offers to pass over.
    """
    if wanted.search is not None or wanted.near is not None or wanted.pin_code is not None:
        return False
    return wanted.country is None or order in {None, OfferOrder.NEWEST}


def _prepared(viewer: Viewer, wanted: OfferFilter, order: OfferOrder | None) -> OfferListing:
    """List offers by statements that are written once for all values of the same conditions."""
    values = given(wanted, PARAMETERS)
    states = None if wanted.states is None else frozenset(wanted.states)
    statements = _statements(viewer.kind, tuple(values), wanted.liked, states, order)
    return cast("OfferListing", statements.listing(values))


@lru_cache(maxsize=MAX_SHAPES)
def _statements(
    viewer: Viewer,
    names: tuple[str, ...],
    liked: bool,
    states: frozenset[OfferState] | None,
    order: OfferOrder | None,
) -> PageStatements[Offer]:
    """Write the statements for conditions. `names` are at most 3, of PARAMETERS."""
    wanted = OfferFilter(
        **placeholders(names, PARAMETERS),
        liked=liked,
        states=None if states is None else sorted(states),
    )
    live = live_offers_with_vendors() if wanted.states is None else visible_offers(viewer)
    listing = _list(viewer, wanted, live.where(*_filters(viewer, wanted)), order)
    return PageStatements(OfferListing(**vars(listing)))


def _list(
    viewer: Viewer, wanted: OfferFilter, rows: SelectOfScalar[Offer], order: OfferOrder | None
) -> Listing[Offer]:
    """List offers without a text search.

    A member's own offers, whatever their state, and the live ones of others are parts: to find the
    own, PostgreSQL read all that have ended, which took 1.3 seconds.
    """
    ordering = _ordering(wanted, order) or newest_first(Offer)
    if wanted.near is not None and order not in {None, OfferOrder.NEAREST}:
        closest = _ids(rows).order_by(nearest(wanted.near, Offer).key).limit(MAX_NEAR + 1)
        among = select(Offer).where(col(Offer.id).in_(select(closest.subquery())))
        return Listing(among, ordering, countable=MAX_NEAR, planning=NEAR_PLANNING)
    if wanted.near is not None:
        return Listing(rows, ordering, countable=MAX_NEAR, planning=CUSTOM_PLAN)
    listing = Listing(rows, ordering)
    if wanted.states is None or viewer.admin or viewer.user_id is None:
        return listing
    own = works_at(viewer.staff, col(Offer.vendor_id), Permission.SEE_OFFERS)
    filters = [*_filters(viewer, wanted)]
    parts = live_offers().where(*filters, not_(own)), select(Offer).where(*filters, own)
    return replace(listing, parts=[_ids(part) for part in parts])


def _ids(rows: SelectOfScalar[Offer]) -> Any:
    return rows.with_only_columns(col(Offer.id), maintain_column_froms=True)


def _ordering(wanted: OfferFilter, order: OfferOrder | None) -> Ordering | None:
    """Return the ordering, or None for similarity."""
    if (order is None and wanted.search is not None) or order is OfferOrder.RELEVANCE:
        if wanted.search is None:
            raise BadInput("Enter a text to search for, to sort by relevance.")
        return None
    if (order is None and wanted.near is not None) or order is OfferOrder.NEAREST:
        if wanted.near is None:
            raise BadInput("Choose a place, to sort by distance.")
        return nearest(wanted.near, Offer)
    if order is OfferOrder.ENDING_SOON:
        return Ordering("ending", Offer.ends_at, Offer.id, datetime.fromisoformat)
    return newest_first(Offer)


def _matching(viewer: Viewer, wanted: OfferFilter) -> SelectOfScalar[Offer]:
    rows = live_offers() if wanted.states is None else visible_offers(viewer)
    return rows.where(*_filters(viewer, wanted))


def _filters(viewer: Viewer, wanted: OfferFilter) -> Iterator[ColumnElement[bool] | bool]:
    if wanted.states is not None:
        yield col(Offer.state).in_(wanted.states)
    if wanted.vendor_id is not None:
        yield Offer.vendor_id == wanted.vendor_id
    if wanted.category_id is not None:
        yield col(Offer.category_id).in_(subtree(wanted.category_id))
    if wanted.country is not None:
        yield Offer.country == wanted.country
    if wanted.pin_code is not None:
        yield col(Offer.pin_codes).contains([postal_codes.normalize(wanted.pin_code)])
    if wanted.liked:
        liked = select(OfferLike.offer_id).where(OfferLike.user_id == viewer.require_user())
        yield col(Offer.id).in_(liked)

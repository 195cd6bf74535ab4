"""Lists of offers: which statement answers the conditions and the order that a caller chooses.

Public lists are read from `models/offers/listings.py`, also those of a search by text. Members list
their own offers in all states.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Double, literal
from sqlmodel import col, not_, select
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import BadInput
from core.keyset import ListBranch, Listing, Ordering, newest_first
from core.statements.pages import PageStatements
from core.statements.parameters import given, placeholders
from models.members import Permission
from models.offers.offers import Offer
from services.near import CUSTOM_PLAN, MAX_NEAR, NEAR_PLANNING, Near, is_near, nearest
from services.offers.filters import (
    PARAMETERS,
    FilterShape,
    OfferFilter,
    OfferOrder,
    offer_conditions,
)
from services.offers.offers import live_offers, visible_offers
from services.offers.public_lists import ORDERINGS, list_public, values_of
from services.offers.relevance import MostRelevantFirst
from services.offers.rings import list_near
from services.offers.text_search import FoundInOrder, FoundNearest, TextSearch
from services.offers.understanding import read
from services.search import MAX_FOUND, by_ordering, by_similarity
from services.vendors.access import works_at
from services.viewer import Viewer

MAX_SHAPES = 256  # of lists of some states whose statements are kept
POPULAR = {OfferOrder.MOST_LIKED, OfferOrder.MOST_CLAIMED}


@dataclass(frozen=True)
class OfferListing(Listing[Offer]):
    """A list of offers, with the place from which distances are measured, and its text, if any.

    `for_you` is whether its order is FOR_YOU: by quality, unless it is made personal.
    """

    near: Near | None = None
    text: TextSearch | None = None
    for_you: bool = False


def search_offers(
    viewer: Viewer, wanted: OfferFilter, order: OfferOrder | None = None
) -> OfferListing:
    """Search offers.

    The default order is by similarity for a text search, by distance with coordinates, else newest
    first. Distances are in metres, in a straight line.
    """
    chosen = _chosen(wanted, order)
    if wanted.liked:
        viewer.require_user()
    listing: Listing[Offer]
    if wanted.search is not None and wanted.states is None:
        listing = _list_found(viewer, wanted, chosen)
    elif wanted.search is not None:
        listing = _with_text(viewer, wanted, chosen)
    elif wanted.states is not None:
        listing = _in_states(viewer, wanted, chosen)
    elif wanted.near is not None:
        listing = list_near(viewer, wanted, wanted.near, chosen)
    else:
        listing = list_public(viewer, wanted, chosen)
    for_you = chosen is OfferOrder.FOR_YOU
    return OfferListing(**{**vars(listing), "near": wanted.near, "for_you": for_you})


def _chosen(wanted: OfferFilter, order: OfferOrder | None) -> OfferOrder:
    """Return the order, or the default one. Raises `BadInput` if it lacks what it needs."""
    if order is None:
        if wanted.search is not None:
            return OfferOrder.RELEVANCE
        return OfferOrder.NEWEST if wanted.near is None else OfferOrder.NEAREST
    if order is OfferOrder.RELEVANCE and wanted.search is None:
        raise BadInput("Enter a text to search for, to sort by relevance.")
    if order is OfferOrder.NEAREST and wanted.near is None:
        raise BadInput("Choose a place, to sort by distance.")
    if order in POPULAR and wanted.states is not None:
        raise BadInput("Lists that are sorted by likes or claims take no states.")
    if order is OfferOrder.FOR_YOU and wanted.search is not None:
        raise BadInput("A search cannot be ranked for you. Sort it by relevance.")
    if order is OfferOrder.FOR_YOU and wanted.states is not None:
        raise BadInput("Lists that are ranked for you take no states.")
    return order


def _list_found(viewer: Viewer, wanted: OfferFilter, order: OfferOrder) -> OfferListing:
    """List live offers that are found by a text."""
    search = TextSearch(viewer, wanted, read(wanted.search or ""))
    name = f"found:{search.signature}"
    pager: Any
    reader: MostRelevantFirst | None = None
    if order is OfferOrder.NEAREST and wanted.near is not None:
        near = wanted.near
        named = f"{name}:{near.latitude},{near.longitude}"
        ordering = Ordering(named, literal(0.0, Double), Offer.id, float)
        pager = FoundNearest(search, near, ordering)
    elif order is OfferOrder.RELEVANCE:
        ordering = Ordering(name, literal(0), Offer.id, int, descending=True)
        pager = MostRelevantFirst(search, ordering)
        reader = pager if pager.is_kept else None
    else:
        ordering = ORDERINGS[order]
        pager = FoundInOrder(search, ordering)
    return OfferListing(
        select(Offer), ordering, countable=MAX_FOUND, pager=pager, reader=reader, text=search
    )


def _with_text(viewer: Viewer, wanted: OfferFilter, order: OfferOrder) -> Listing[Offer]:
    """List offers in some states that are found by a text, in the texts of the offers."""
    near, search = partial(is_near, wanted.near), wanted.search or ""
    rows = visible_offers(viewer).where(*offer_conditions(viewer, wanted))
    if order is OfferOrder.RELEVANCE:
        return by_similarity(rows.where(near(Offer)), Offer, search)
    return by_ordering(rows, Offer, search, _ordering(wanted, order), also=near)


def _in_states(viewer: Viewer, wanted: OfferFilter, order: OfferOrder) -> Listing[Offer]:
    """List offers in some states: the live ones of all, and the own ones.

    Both are branches of their own: to find a member's, PostgreSQL read all offers that have ended,
    which took 1.3 seconds.
    """
    if wanted.near is None and wanted.pin_code is None and wanted.country is None:
        statements = _statements(viewer.kind, tuple(given(wanted, PARAMETERS)), wanted.shape, order)
        return statements.listing(values_of(wanted))
    if wanted.near is None:
        return replace(_by_branches(viewer, wanted, order), planning=CUSTOM_PLAN)
    rows = visible_offers(viewer).where(
        *offer_conditions(viewer, wanted), is_near(wanted.near, Offer)
    )
    ordering = _ordering(wanted, order)
    if order is OfferOrder.NEAREST:
        return Listing(rows, ordering, countable=MAX_NEAR, planning=CUSTOM_PLAN)
    closest = _ids(rows).order_by(nearest(wanted.near, Offer).key).limit(MAX_NEAR + 1)
    among = select(Offer).where(col(Offer.id).in_(select(closest.subquery())))
    return Listing(among, ordering, countable=MAX_NEAR, planning=NEAR_PLANNING)


@lru_cache(maxsize=MAX_SHAPES)
def _statements(
    viewer: Viewer, names: tuple[str, ...], shape: FilterShape, order: OfferOrder
) -> PageStatements[Offer]:
    """Write the statements for conditions. `names` are at most 7, of PARAMETERS."""
    wanted: Any = OfferFilter(**vars(shape), **placeholders(names, PARAMETERS))
    return PageStatements(_by_branches(viewer, wanted, order))


def _by_branches(viewer: Viewer, wanted: Any, order: OfferOrder) -> Listing[Offer]:
    conditions = [*offer_conditions(viewer, wanted)]
    if viewer.admin:
        branches = [select(Offer)]
    elif viewer.user_id is None:
        branches = [live_offers()]
    else:
        own = works_at(viewer.staff, col(Offer.vendor_id), Permission.SEE_OFFERS)
        branches = [live_offers().where(not_(own)), select(Offer).where(own)]
    parts = [ListBranch(_ids(rows.where(*conditions))) for rows in branches]
    return Listing(select(Offer), _ordering(wanted, order), branches=parts)


def _ids(rows: SelectOfScalar[Offer]) -> Any:
    return rows.with_only_columns(col(Offer.id), maintain_column_froms=True)


def _ordering(wanted: OfferFilter, order: OfferOrder) -> Ordering:
    if order is OfferOrder.NEAREST and wanted.near is not None:
        return nearest(wanted.near, Offer)
    if order is OfferOrder.ENDING_SOON:
        return Ordering("ending", Offer.ends_at, Offer.id, datetime.fromisoformat)
    return newest_first(Offer)

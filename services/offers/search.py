"""Search of offers by location, category and text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Double
from sqlmodel import col, func, literal, select, true
from sqlmodel.sql.expression import SelectOfScalar

from core import postal_codes
from core.errors import BadInput
from core.keyset import Listing, Ordering, newest_first
from models.offers.offers import Offer, OfferLike, OfferState
from services.offers.offers import live_offers, visible_offers
from services.search import by_ordering, by_similarity
from services.vendors import subtree
from services.viewer import Viewer


class OfferOrder(StrEnum):
    NEWEST = "NEWEST"
    ENDING_SOON = "ENDING_SOON"
    NEAREST = "NEAREST"
    RELEVANCE = "RELEVANCE"


@dataclass(frozen=True)
class Near:
    """A circle around coordinates. The radius is in kilometres, at most 500."""

    latitude: float
    longitude: float
    within_km: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise BadInput("Latitude must be within ±90 degrees and longitude within ±180 degrees.")
        if not 0 < self.within_km <= 500:
            raise BadInput("Choose a distance of more than 0 and at most 500 km.")


class ByDistance(Ordering):
    """Orders by distance from a place: the sort keys are metres."""


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
) -> Listing[Offer]:
    """Search offers.

    The default order is by similarity for a text search, by distance with coordinates, else newest
    first. Distances are in metres, in a straight line.
    """
    rows, ordering = _matching(viewer, wanted), _ordering(wanted, order)
    near, search = partial(_is_near, wanted.near), wanted.search
    if search is None:
        return Listing(rows.where(near(Offer)), ordering or newest_first(Offer))
    if ordering is None:
        return by_similarity(rows.where(near(Offer)), Offer, search)
    return by_ordering(rows, Offer, search, ordering, also=near)


def _ordering(wanted: OfferFilter, order: OfferOrder | None) -> Ordering | None:
    """Return the ordering, or None for similarity."""
    if (order is None and wanted.search is not None) or order is OfferOrder.RELEVANCE:
        if wanted.search is None:
            raise BadInput("Enter a text to search for, to sort by relevance.")
        return None
    if (order is None and wanted.near is not None) or order is OfferOrder.NEAREST:
        if wanted.near is None:
            raise BadInput("Choose a place, to sort by distance.")
        return _nearest(wanted.near)
    if order is OfferOrder.ENDING_SOON:
        return Ordering("ending", Offer.ends_at, Offer.id, datetime.fromisoformat)
    return newest_first(Offer)


def _matching(viewer: Viewer, wanted: OfferFilter) -> SelectOfScalar[Offer]:
    rows = live_offers()
    if wanted.states is not None:
        rows = visible_offers(viewer).where(col(Offer.state).in_(wanted.states))
    return rows.where(*_conditions(viewer, wanted))


def _conditions(viewer: Viewer, wanted: OfferFilter) -> Iterator[ColumnElement[bool] | bool]:
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


def _is_near(near: Near | None, offer: type[Offer]) -> ColumnElement[bool]:
    """Match offers in the circle: the index finds candidates in its box, the distance decides."""
    if near is None:
        return true()
    position: Any = col(offer.position)
    metres = near.within_km * 1000
    in_box = func.earth_box(_earth(near), metres).op("@>", is_comparison=True)(position)
    return in_box & (func.earth_distance(_earth(near), position) <= metres)


def _nearest(near: Near) -> ByDistance:
    chord: Any = col(Offer.position).op("<->", return_type=Double())(_earth(near))
    name = f"nearest:{near.latitude},{near.longitude}"
    return ByDistance(name, chord, Offer.id, float)


def _earth(near: Near) -> ColumnElement[str]:
    return func.ll_to_earth(literal(near.latitude, Double), literal(near.longitude, Double))

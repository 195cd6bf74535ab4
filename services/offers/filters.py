"""Conditions on lists of offers, and their orders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Integer, String, Uuid
from sqlalchemy.types import TypeEngine
from sqlmodel import and_, any_, col, func, select

from core.clock import now
from core.countries import postal_codes
from core.database import exists_in
from core.errors import BadInput
from core.statements.parameters import current_time
from models.offers.listings import City, ListedOffer, ListedPin
from models.offers.offers import DiscountKind, Offer, OfferLike, OfferState
from models.vendors import Vendor
from models.vendors.hours import VendorOpen
from services.categories.queries import subtree
from services.near import Near
from services.viewer import Viewer

# The conditions whose values are parameters of statements.
PARAMETERS: Mapping[str, TypeEngine[Any]] = {
    "vendor_id": Uuid(),
    "category_id": Uuid(),
    "city_id": Uuid(),
    "country": String(),
    "pin_code": String(),
    "discount_at_least": Integer(),
    "ends_before": DateTime(timezone=True),
}


class OfferOrder(StrEnum):
    NEWEST = "NEWEST"
    ENDING_SOON = "ENDING_SOON"
    NEAREST = "NEAREST"
    MOST_LIKED = "MOST_LIKED"
    MOST_CLAIMED = "MOST_CLAIMED"
    RELEVANCE = "RELEVANCE"
    FOR_YOU = "FOR_YOU"


@dataclass(frozen=True)
class FilterShape:
    """The conditions whose values are constants of statements."""

    discount_kinds: frozenset[DiscountKind] | None = None
    open_now: bool = False
    liked: bool = False
    states: frozenset[OfferState] | None = None


@dataclass(frozen=True)
class OfferFilter:
    """Conditions on a list of offers. None is no condition.

    Offers in `states` that are not live are found only at the viewer's vendors. `discount_at_least`
    is a percentage.

    A new condition is a value of `PARAMETERS` or of `FilterShape` and `shape`. It is applied in
    `listed_conditions` and in `offer_conditions` or, if both tables have the column, in
    `_common_conditions`; in `found_by` of `sifting.py` if it is selective. One of the viewer, such
    as `liked`, is also named in `search_offers`, in `count_facets`, and in `is_kept` of
    `relevance.py`, which otherwise refuses searches: its statements are those of anonymous callers.
    Add it to `test_offer_plans.py`, which fails if its statement scans a table.
    """

    vendor_id: UUID | None = None
    category_id: UUID | None = None
    city_id: UUID | None = None
    country: str | None = None
    pin_code: str | None = None
    discount_kinds: frozenset[DiscountKind] | None = None
    discount_at_least: int | None = None
    ends_before: datetime | None = None
    open_now: bool = False
    liked: bool = False
    states: frozenset[OfferState] | None = None
    near: Near | None = None
    search: str | None = None

    @property
    def shape(self) -> FilterShape:
        return FilterShape(self.discount_kinds, self.open_now, self.liked, self.states)

    def __post_init__(self) -> None:
        least = self.discount_at_least
        if isinstance(least, int) and not 1 <= least <= 100:
            raise BadInput("A discount must be between 1 and 100 percent.")


MAX_ENDING_HOURS = 8_760


def ends_before(hours: int | None) -> datetime | None:
    """Return the time in so many hours. Raises `BadInput` unless they are at most a year."""
    if hours is None:
        return None
    if not 1 <= hours <= MAX_ENDING_HOURS:
        raise BadInput("Choose between 1 and {most} hours.", most=MAX_ENDING_HOURS)
    return now() + timedelta(hours=hours)


Conditions = Iterator[Any]


def listed_conditions(
    viewer: Viewer, wanted: OfferFilter, table: type[ListedOffer] = ListedOffer
) -> Conditions:
    """Yield the conditions of a public list."""
    if wanted.category_id is not None:
        yield table.category_id == any_(func.array(subtree(wanted.category_id).scalar_subquery()))
    if wanted.city_id is not None:
        yield table.city_id == wanted.city_id
    if wanted.pin_code is not None:
        code = _normalized(wanted.pin_code)
        yield exists_in(ListedPin, ListedPin.offer_id == table.offer_id, ListedPin.pin == code)
    if wanted.discount_kinds is not None:
        yield col(table.kind).in_(sorted(wanted.discount_kinds))
    if wanted.liked:
        mine = OfferLike.user_id == viewer.require_user()
        yield exists_in(OfferLike, OfferLike.offer_id == table.offer_id, mine)
    yield from _common_conditions(wanted, table)


def offer_conditions(viewer: Viewer, wanted: OfferFilter) -> Conditions:
    """Yield the same conditions on the offers themselves."""
    if wanted.states is not None:
        yield col(Offer.state).in_(sorted(wanted.states))
    if wanted.category_id is not None:
        yield col(Offer.category_id).in_(subtree(wanted.category_id))
    if wanted.city_id is not None:
        yield col(Offer.vendor_id).in_(_vendors_in(wanted.city_id))
    if wanted.pin_code is not None:
        yield col(Offer.pin_codes).contains([_normalized(wanted.pin_code)])
    if wanted.discount_kinds is not None:
        yield col(Offer.discount_kind).in_(sorted(wanted.discount_kinds))
    if wanted.liked:
        liked = select(OfferLike.offer_id).where(OfferLike.user_id == viewer.require_user())
        yield col(Offer.id).in_(liked)
    yield from _common_conditions(wanted, Offer)


def _common_conditions(wanted: OfferFilter, table: type[ListedOffer] | type[Offer]) -> Conditions:
    if wanted.vendor_id is not None:
        yield table.vendor_id == wanted.vendor_id
    if wanted.country is not None:
        yield table.country == wanted.country
    if wanted.discount_at_least is not None:
        yield col(table.percent) >= wanted.discount_at_least
    if wanted.ends_before is not None:
        yield table.ends_at <= wanted.ends_before
    if wanted.open_now:
        yield is_open(table)


def is_open(table: type[ListedOffer] | type[Offer]) -> ColumnElement[bool]:
    """Match offers of vendors that are open now: vendors without hours are not."""
    return exists_in(
        VendorOpen,
        VendorOpen.vendor_id == table.vendor_id,
        VendorOpen.starts_at <= current_time(),
        VendorOpen.ends_at > current_time(),
    )


def _vendors_in(city_id: UUID) -> Any:
    key: Any = func.lower(col(Vendor.city).collate("pg_c_utf8"))
    is_there = and_(col(City.country) == col(Vendor.country), col(City.key) == key)
    return select(Vendor.id).join(City, is_there).where(City.id == city_id)


def _normalized(pin_code: str) -> str:
    """Return a postal code as it is stored; of a parameter, the value is."""
    return postal_codes.normalize(pin_code) if isinstance(pin_code, str) else pin_code

"""Lists of vendors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid
from sqlalchemy.types import TypeEngine
from sqlmodel import col, func, select

from core.countries import postal_codes
from core.errors import BadInput
from core.keyset import Listing, Ordering, newest_first
from core.statements.pages import PageStatements
from core.statements.parameters import current_time, given, placeholders
from models.vendors import Vendor, VendorFollow
from models.vendors.hours import VendorOpen
from services.categories.queries import subtree
from services.near import CUSTOM_PLAN, MAX_NEAR, NEAR_PLANNING, Near, is_near, nearest
from services.search import by_ordering, by_similarity
from services.vendors.access import visible_vendors
from services.viewer import Viewer

# The conditions of a filter whose values are parameters of its statements.
PARAMETERS: Mapping[str, TypeEngine[Any]] = {
    "category_id": Uuid(),
    "country": String(),
    "pin_code": String(),
}
# It hashed all vendors that are open, 196,000 rows, before it sorted those in a circle.
OPEN_PLANNING = NEAR_PLANNING | {"enable_hashjoin": "off", "enable_mergejoin": "off"}
# In another order than by distance: of a circle of 300 km, 1,000 took 182 ms and these take 49.
MAX_OPEN = 250
MAX_SHAPES = 64  # of lists whose statements are kept


class VendorOrder(StrEnum):
    NAME = "NAME"
    NEWEST = "NEWEST"
    DISTANCE = "DISTANCE"


@dataclass(frozen=True)
class VendorListing(Listing[Vendor]):
    """A list of vendors, with the place from which distances are measured, if any."""

    near: Near | None = None


@dataclass(frozen=True)
class VendorFilter:
    """Conditions on a list of vendors. None is no condition."""

    category_id: UUID | None = None
    country: str | None = None
    pin_code: str | None = None
    followed: bool = False
    open_now: bool = False
    near: Near | None = None
    search: str | None = None

    @property
    def is_local(self) -> bool:
        """Return whether the vendors are of one place, or those that a user follows.

        No index has both the open ones and an order. Where the first 130,000 vendors of an order
        were closed, a list of open ones read all of them.
        """
        return self.near is not None or self.pin_code is not None or self.followed


def search_vendors(
    viewer: Viewer, wanted: VendorFilter, order: VendorOrder = VendorOrder.NAME
) -> VendorListing:
    """Search vendors. A text search orders by similarity, unless the order is by distance.

    Raises `BadInput` for a list by distance without a place, and for one of open vendors that is
    not local.
    """
    if order is VendorOrder.DISTANCE and wanted.near is None:
        raise BadInput("Choose a place, to sort by distance.")
    if wanted.open_now and not wanted.is_local:
        raise BadInput("Choose a place or a postal code, to list who is open now.")
    if wanted.pin_code is not None:
        wanted = replace(wanted, pin_code=postal_codes.normalize(wanted.pin_code))
    if wanted.search is not None:
        listing = _search(viewer, wanted, order)
    elif wanted.near is not None or wanted.open_now:
        listing = _list(viewer, wanted, order)
    else:
        values = given(wanted, PARAMETERS)
        statements = _statements(viewer.kind, tuple(values), wanted.followed, order)
        listing = statements.listing(values)
    return VendorListing(**vars(listing), near=wanted.near)


def _search(viewer: Viewer, wanted: VendorFilter, order: VendorOrder) -> Listing[Vendor]:
    rows = visible_vendors(viewer).where(*_conditions(viewer, wanted))
    near, search = partial(is_near, wanted.near), wanted.search or ""
    if order is VendorOrder.DISTANCE:
        return by_ordering(rows, Vendor, search, _ordering(wanted, order), also=near)
    return by_similarity(rows.where(near(Vendor)), Vendor, search)


def _list(viewer: Viewer, wanted: VendorFilter, order: VendorOrder) -> Listing[Vendor]:
    """List vendors near a place or open now. It depends on both how many of them to pass over.

    In another order than by distance, they are the nearest 1,000, or of open ones the nearest 250.
    """
    rows = visible_vendors(viewer).where(*_conditions(viewer, wanted))
    rows, ordering = rows.where(is_near(wanted.near, Vendor)), _ordering(wanted, order)
    if wanted.near is None:
        return Listing(rows, ordering, planning=CUSTOM_PLAN)
    planning = OPEN_PLANNING if wanted.open_now else NEAR_PLANNING
    if order is VendorOrder.DISTANCE:
        return Listing(rows, ordering, countable=MAX_NEAR, planning=planning)
    most = MAX_OPEN if wanted.open_now else MAX_NEAR
    ids: Any = rows.with_only_columns(col(Vendor.id), maintain_column_froms=True)
    closest = ids.order_by(nearest(wanted.near, Vendor).key).limit(most + 1)
    among = select(Vendor).where(col(Vendor.id).in_(select(closest.subquery())))
    return Listing(among, ordering, countable=most, planning=planning)


@lru_cache(maxsize=MAX_SHAPES)
def _statements(
    viewer: Viewer, names: tuple[str, ...], followed: bool, order: VendorOrder
) -> PageStatements[Vendor]:
    """Write the statements for conditions. `names` are at most 3, of PARAMETERS."""
    wanted = VendorFilter(**placeholders(names, PARAMETERS), followed=followed)
    rows = visible_vendors(viewer).where(*_conditions(viewer, wanted))
    return PageStatements(Listing(rows, _ordering(wanted, order)))


def _ordering(wanted: VendorFilter, order: VendorOrder) -> Ordering:
    if order is VendorOrder.DISTANCE and wanted.near is not None:
        return nearest(wanted.near, Vendor)
    if order is VendorOrder.NEWEST:
        return newest_first(Vendor)
    return Ordering("name", Vendor.name, Vendor.id, str)


def _conditions(viewer: Viewer, wanted: VendorFilter) -> Iterator[ColumnElement[bool] | bool]:
    if wanted.category_id is not None:
        yield col(Vendor.category_id).in_(subtree(wanted.category_id))
    if wanted.country is not None:
        yield Vendor.country == wanted.country
    if wanted.pin_code is not None:
        yield Vendor.pin_code == wanted.pin_code
    if wanted.followed:
        mine = VendorFollow.user_id == viewer.require_user()
        yield col(Vendor.id).in_(select(VendorFollow.vendor_id).where(mine))
    if wanted.open_now:
        during: Any = func.tstzrange(VendorOpen.starts_at, VendorOpen.ends_at)
        is_open = during.op("@>", is_comparison=True)(current_time())
        yield col(Vendor.id).in_(select(VendorOpen.vendor_id).where(is_open))

"""Lists of vendors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid
from sqlalchemy.types import TypeEngine
from sqlmodel import col, select

from core import postal_codes
from core.keyset import Listing, Ordering, newest_first
from core.statements.pages import PageStatements
from core.statements.parameters import given, placeholders
from models.vendors import Vendor, VendorFollow
from services.categories.queries import subtree
from services.search import by_similarity
from services.vendors.access import visible_vendors
from services.viewer import Viewer

# The conditions of a filter whose values are parameters of its statements.
PARAMETERS: Mapping[str, TypeEngine[Any]] = {
    "category_id": Uuid(),
    "country": String(),
    "pin_code": String(),
}
MAX_SHAPES = 64  # of lists whose statements are kept


@dataclass(frozen=True)
class VendorFilter:
    """Conditions on a list of vendors. None is no condition."""

    category_id: UUID | None = None
    country: str | None = None
    pin_code: str | None = None
    followed: bool = False
    search: str | None = None


def search_vendors(
    viewer: Viewer, wanted: VendorFilter, *, newest: bool = False
) -> Listing[Vendor]:
    """Search vendors. A text search orders by similarity, otherwise by name or creation."""
    if wanted.pin_code is not None:
        wanted = replace(wanted, pin_code=postal_codes.normalize(wanted.pin_code))
    if wanted.search is not None:
        rows = visible_vendors(viewer).where(*_conditions(viewer, wanted))
        return by_similarity(rows, Vendor, wanted.search)
    values = given(wanted, PARAMETERS)
    statements = _statements(viewer.kind, tuple(values), wanted.followed, newest)
    return statements.listing(values)


@lru_cache(maxsize=MAX_SHAPES)
def _statements(
    viewer: Viewer, names: tuple[str, ...], followed: bool, newest: bool
) -> PageStatements[Vendor]:
    """Write the statements for conditions. `names` are at most 3, of PARAMETERS."""
    wanted = VendorFilter(**placeholders(names, PARAMETERS), followed=followed)
    rows = visible_vendors(viewer).where(*_conditions(viewer, wanted))
    by_name = Ordering("name", Vendor.name, Vendor.id, str)
    return PageStatements(Listing(rows, newest_first(Vendor) if newest else by_name))


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

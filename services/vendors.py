"""Vendors, their members, and the tree of categories."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import any_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_reliance
from core.keyset import Ordering
from models.errors import NotFound
from models.vendors import Category, MemberRole, Vendor, VendorMember, VendorStatus
from services.search import by_likeness
from services.viewer import Viewer

MOST_CATEGORIES = 500


@dataclass(frozen=True)
class VendorFilter:
    """What to narrow a list of vendors to; None asks nothing."""

    category_id: UUID | None = None
    country: str | None = None
    pin_code: str | None = None
    search: str | None = None


def own_vendor_ids(viewer: Viewer) -> SelectOfScalar[UUID]:
    return select(VendorMember.vendor_id).where(VendorMember.user_id == viewer.user_id)


def at_own_vendor(viewer: Viewer, vendor_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """That the viewer works there: one of an array, for beside an OR no index serves an IN."""
    return vendor_id == any_(func.array(own_vendor_ids(viewer).scalar_subquery()))


def visible_vendors(viewer: Viewer) -> SelectOfScalar[Vendor]:
    """Approved ones for everybody, their own for members, all for an admin."""
    approved = Vendor.status == VendorStatus.APPROVED
    if viewer.admin:
        return select(Vendor)
    if viewer.user_id is None:
        return select(Vendor).where(approved)
    return select(Vendor).where(or_(approved, col(Vendor.id).in_(own_vendor_ids(viewer))))


async def access_vendor(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, role: MemberRole
) -> Vendor:
    """A vendor that the viewer works at in this role or a higher one, relied upon until the commit.

    Also for a vendor that doesn't exist or where the viewer has no such role: `NotFound`.
    """
    member = await find_member(session, viewer, vendor_id)
    if member is None or not member.role.covers(role):
        raise NotFound
    rows = select(Vendor).where(Vendor.id == vendor_id)
    return (await session.exec(for_reliance(rows))).one()


async def find_member(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID
) -> VendorMember | None:
    return (
        await session.exec(
            select(VendorMember).where(
                VendorMember.vendor_id == vendor_id, VendorMember.user_id == viewer.require_user()
            )
        )
    ).first()


def list_members(vendor_id: UUID) -> tuple[SelectOfScalar[VendorMember], Ordering]:
    """Who works at a vendor, the first to join first."""
    rows = select(VendorMember).where(VendorMember.vendor_id == vendor_id)
    joined = VendorMember.created_at
    return rows, Ordering("members", joined, VendorMember.id, datetime.fromisoformat)


def subtree(category_id: UUID) -> SelectOfScalar[UUID]:
    """The ids of a category and of all below it."""
    path = select(Category.path).where(Category.id == category_id).scalar_subquery()
    return select(Category.id).where(func.starts_with(Category.path, path))


async def list_categories(session: AsyncSession, parent_id: UUID | None) -> Sequence[Category]:
    """The children of a category in their order, or the roots. Few enough to need no pages."""
    rows = select(Category).where(Category.parent_id == parent_id).limit(MOST_CATEGORIES)
    return (await session.exec(rows.order_by(col(Category.position), col(Category.id)))).all()


def search_vendors(
    viewer: Viewer, wanted: VendorFilter, *, newest: bool = False
) -> tuple[SelectOfScalar[Vendor], Ordering]:
    """The vendors wanted, and the order they come in: by likeness when text is searched."""
    rows = visible_vendors(viewer).where(*_conditions(wanted))
    if wanted.search is not None:
        return by_likeness(rows, Vendor.search_text, Vendor.id, wanted.search)
    if newest:
        newest_first = Ordering(
            "newest", Vendor.created_at, Vendor.id, datetime.fromisoformat, descending=True
        )
        return rows, newest_first
    return rows, Ordering("name", Vendor.name, Vendor.id, str)


def _conditions(wanted: VendorFilter) -> Iterator[ColumnElement[bool] | bool]:
    if wanted.category_id is not None:
        yield col(Vendor.category_id).in_(subtree(wanted.category_id))
    if wanted.country is not None:
        yield Vendor.country == wanted.country
    if wanted.pin_code is not None:
        yield Vendor.pin_code == wanted.pin_code

"""Access to vendors, for all and for their members."""

from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, bindparam
from sqlmodel import any_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change, for_reliance
from core.statements.selected import columns_of
from core.statements.shared_reads import Question, SharedReads
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import PreparedTransaction
from models.errors import NotFound
from models.vendors import MemberRole, Vendor, VendorMember, VendorStatus
from services.viewer import UserRef, Viewer


def member_vendor_ids(user: UserRef) -> SelectOfScalar[UUID]:
    """Select a user's vendors. See `exists_in` for the correlation."""
    rows = select(VendorMember.vendor_id).where(col(VendorMember.user_id) == user)
    return rows.correlate_except(VendorMember)


VENDORS_OF = Question(
    Statement(
        select(VendorMember.user_id, VendorMember.vendor_id).where(
            any_of(col(VendorMember.user_id))
        )
    ),
    parameters=(KEYS,),
)


async def find_vendors_of(reads: SharedReads, user_id: UUID) -> list[UUID]:
    """Return the ids of a user's vendors."""
    found = await reads.ask(VENDORS_OF, [(user_id,)])
    return [row["vendor_id"] for row in found.get((user_id,), [])]


def works_at(user: UserRef, vendor_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Match rows of vendors that a user is a member of.

    An array and not IN: next to an OR, PostgreSQL uses no index of `vendor_id` for a subquery.
    """
    return vendor_id == any_(func.array(member_vendor_ids(user).scalar_subquery()))


def visible_vendors(viewer: Viewer) -> SelectOfScalar[Vendor]:
    """Select approved vendors, and the viewer's own. Admins see all."""
    approved = Vendor.status == VendorStatus.APPROVED
    if viewer.admin:
        return select(Vendor)
    if viewer.user_id is None:
        return select(Vendor).where(approved)
    return select(Vendor).where(or_(approved, works_at(viewer.user_id, col(Vendor.id))))


async def access_vendor(
    session: AsyncSession,
    viewer: Viewer,
    vendor_id: UUID,
    role: MemberRole,
    *,
    change: bool = False,
) -> Vendor:
    """Return a vendor where the viewer has at least this role, locked to change it or shared.

    Raises `NotFound` if the vendor doesn't exist or the role is lower.
    """
    member = await find_member(session, viewer, vendor_id)
    if member is None or not member.role.covers(role):
        raise NotFound
    rows = select(Vendor).where(Vendor.id == vendor_id)
    return (await session.exec(for_change(rows) if change else for_reliance(rows))).one()


@cache
def _relied_on_by(role: MemberRole) -> Statement[Vendor]:
    """Return the statement that locks a vendor where a user has at least this role."""
    sufficient = [one for one in MemberRole if one.covers(role)]
    rows = (
        select(*columns_of(Vendor))
        .join(VendorMember, col(VendorMember.vendor_id) == Vendor.id)
        .where(
            col(Vendor.id) == bindparam("vendor_id"),
            col(VendorMember.user_id) == bindparam("user_id"),
            col(VendorMember.role).in_(sufficient),
        )
    )
    return Statement(for_reliance(rows, of=Vendor), Vendor)


async def rely_on_vendor(
    unit: PreparedTransaction, viewer: Viewer, vendor_id: UUID, role: MemberRole
) -> Vendor:
    """Return a vendor as `access_vendor` does, with the lock shared, by a prepared statement."""
    vendor = await _relied_on_by(role).fetch_one(
        unit.connection, vendor_id=vendor_id, user_id=viewer.require_user()
    )
    if vendor is None:
        raise NotFound
    return vendor


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

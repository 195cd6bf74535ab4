"""Access to vendors, for all and for their members."""

from collections.abc import Callable
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, bindparam
from sqlmodel import and_, any_, col, func, not_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in, for_change, for_reliance
from core.statements.selected import columns_of
from core.statements.shared_reads import Question, SharedReads
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import PreparedTransaction
from models.errors import NotFound
from models.identity.accounts import User, UserState
from models.members import Permission, may, roles_with
from models.vendors import Vendor, VendorMember, VendorStatus
from services.viewer import Staff, StaffRef, Viewer


def may_do(permission: Permission) -> Callable[[VendorMember], bool]:
    return lambda member: may(member.role, permission)


def grants(permission: Permission) -> ColumnElement[bool]:
    """Match members whose role has a permission, and who are not suspended."""
    return and_(col(VendorMember.role).in_(roles_with(permission)), is_active_member())


def is_active_member() -> ColumnElement[bool]:
    """Match members who are not suspended: at once, not only where their session has ended."""
    of_member = col(User.id) == col(VendorMember.user_id)
    return not_(exists_in(User, of_member, User.state == UserState.SUSPENDED))


def memberships_of(staff: StaffRef) -> ColumnElement[bool]:
    """Match the memberships that count: all of a user, or that at the vendor they act for."""
    if not isinstance(staff, Staff):
        return col(VendorMember.user_id) == staff
    vendor_id = col(VendorMember.vendor_id)
    chosen = vendor_id == func.coalesce(staff.vendor, vendor_id)
    return and_(col(VendorMember.user_id) == staff.user, chosen)


def member_vendor_ids(staff: StaffRef, permission: Permission) -> SelectOfScalar[UUID]:
    """Select the vendors where a user has a permission. See `exists_in` for the correlation."""
    rows = select(VendorMember.vendor_id).where(memberships_of(staff), grants(permission))
    return rows.correlate_except(VendorMember)


CHATS_OF = Question(
    Statement(
        select(VendorMember.user_id, VendorMember.vendor_id).where(
            any_of(col(VendorMember.user_id)), grants(Permission.CHAT)
        )
    ),
    parameters=(KEYS,),
)


async def find_chat_vendors_of(reads: SharedReads, user_id: UUID) -> list[UUID]:
    """Return the ids of the vendors whose chats the user answers."""
    found = await reads.ask(CHATS_OF, [(user_id,)])
    return [row["vendor_id"] for row in found.get((user_id,), [])]


def works_at(
    staff: StaffRef, vendor_id: SQLColumnExpression[UUID], permission: Permission
) -> ColumnElement[bool]:
    """Match rows of vendors where a user is a member with a permission.

    An array and not IN: next to an OR, PostgreSQL uses no index of `vendor_id` for a subquery.
    """
    return vendor_id == any_(func.array(member_vendor_ids(staff, permission).scalar_subquery()))


def visible_vendors(viewer: Viewer) -> SelectOfScalar[Vendor]:
    """Select approved vendors, and the viewer's own. Admins see all."""
    approved = Vendor.status == VendorStatus.APPROVED
    if viewer.admin:
        return select(Vendor)
    if viewer.user_id is None:
        return select(Vendor).where(approved)
    own = works_at(viewer.staff, col(Vendor.id), Permission.SEE_VENDOR)
    return select(Vendor).where(or_(approved, own))


async def access_vendor(
    session: AsyncSession,
    viewer: Viewer,
    vendor_id: UUID,
    permission: Permission,
    *,
    change: bool = False,
) -> Vendor:
    """Return a vendor where the viewer has a permission, locked to change it or shared.

    Raises `NotFound` if the vendor doesn't exist or the viewer's role has no such permission.
    Members are added, changed and removed while the vendor is locked to change it. So the
    permission is checked again under either lock, and lasts until the commit.
    """
    await _ensure_permitted(session, viewer, vendor_id, permission)
    rows = select(Vendor).where(Vendor.id == vendor_id)
    vendor = (await session.exec(for_change(rows) if change else for_reliance(rows))).one()
    await _ensure_permitted(session, viewer, vendor_id, permission)
    return vendor


async def _ensure_permitted(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, permission: Permission
) -> None:
    member = await find_member(session, viewer, vendor_id)
    if member is None or not may(member.role, permission):
        raise NotFound


@cache
def _relied_on_with(permission: Permission) -> Statement[Vendor]:
    """Return the statement that locks a vendor where a user has this permission.

    It also locks the membership, after the vendor: one that was ended or changed while the
    statement waited for the vendor is then read again.
    """
    rows = (
        select(*columns_of(Vendor))
        .join(VendorMember, col(VendorMember.vendor_id) == Vendor.id)
        .where(
            col(Vendor.id) == bindparam("vendor_id"),
            col(VendorMember.user_id) == bindparam("user_id"),
            grants(permission),
        )
    )
    return Statement(for_reliance(rows, of=(Vendor, VendorMember)), Vendor)


async def rely_on_vendor(
    unit: PreparedTransaction, viewer: Viewer, vendor_id: UUID, permission: Permission
) -> Vendor:
    """Return a vendor as `access_vendor` does, with the lock shared, by a prepared statement."""
    user_id = viewer.require_user()
    if not viewer.acts_at(vendor_id):
        raise NotFound
    vendor = await _relied_on_with(permission).fetch_one(
        unit.connection, vendor_id=vendor_id, user_id=user_id
    )
    if vendor is None:
        raise NotFound
    return vendor


async def find_member(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID
) -> VendorMember | None:
    """Return the viewer's membership at a vendor, as it is now.

    None if they are suspended, or in another role.
    """
    rows = select(VendorMember).where(
        VendorMember.vendor_id == vendor_id,
        VendorMember.user_id == viewer.require_user(),
        is_active_member(),
    )
    if not viewer.acts_at(vendor_id):
        return None
    return (await session.exec(rows.execution_options(populate_existing=True))).first()

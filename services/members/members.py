"""Members of vendors: given another role, removed, and leaving."""

from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.keyset import Listing, Ordering
from core.statements.pages import PageStatements
from models.errors import NotFound
from models.members import Permission, RoleAboveOwn
from models.notifications.inbox import NotificationKind
from models.vendors import MemberRole, Vendor, VendorMember
from services.journal.topics import vendor_topic
from services.members.membership import end_membership, set_role
from services.members.notifications import notify_user
from services.vendors.access import access_vendor, find_member, works_at
from services.viewer import Viewer


def visible_members(viewer: Viewer) -> SelectOfScalar[VendorMember]:
    """Select the viewer's own memberships, and members of vendors whose members they see."""
    if viewer.admin:
        return select(VendorMember)
    colleague = works_at(viewer.staff, col(VendorMember.vendor_id), Permission.SEE_MEMBERS)
    return select(VendorMember).where(or_(VendorMember.user_id == viewer.user_id, colleague))


def list_members(vendor_id: UUID) -> Listing[VendorMember]:
    return _statements().listing({"vendor_id": vendor_id}, topics=[vendor_topic(vendor_id)])


@cache
def _statements() -> PageStatements[VendorMember]:
    rows = select(VendorMember).where(VendorMember.vendor_id == bindparam("vendor_id"))
    joined = VendorMember.created_at
    by_time = Ordering("members", joined, VendorMember.id, datetime.fromisoformat)
    return PageStatements(Listing(rows, by_time))


async def change_member_role(
    session: AsyncSession, viewer: Viewer, *, member_id: UUID, role: MemberRole
) -> VendorMember:
    """Give a member another role. Raises `NotFound`, `RoleAboveOwn` and `LastOwner`."""
    own, member = await _access_managed(session, viewer, member_id)
    ensure_covered(own, role)
    if member.role is not role:
        await set_role(session, viewer, member, role)
        if member.user_id != own.user_id:
            kind = NotificationKind.MEMBER_ROLE_CHANGED
            await notify_user(session, member.user_id, kind, member.vendor_id)
    return member


async def remove_member(session: AsyncSession, viewer: Viewer, *, member_id: UUID) -> Vendor:
    """Remove a member. Raises `NotFound`, `RoleAboveOwn` and `LastOwner`."""
    own, member = await _access_managed(session, viewer, member_id)
    await end_membership(session, viewer, member)
    if member.user_id != own.user_id:
        kind = NotificationKind.MEMBER_REMOVED
        await notify_user(session, member.user_id, kind, member.vendor_id)
    return await session.get_one(Vendor, member.vendor_id)


async def leave_vendor(session: AsyncSession, viewer: Viewer, *, vendor_id: UUID) -> None:
    """End the viewer's membership. Raises `NotFound` and `LastOwner`."""
    await access_vendor(session, viewer, vendor_id, Permission.SEE_VENDOR, change=True)
    await end_membership(session, viewer, await access_own(session, viewer, vendor_id))


async def access_own(session: AsyncSession, viewer: Viewer, vendor_id: UUID) -> VendorMember:
    """Return the viewer's membership at a vendor. Raises `NotFound`."""
    member = await find_member(session, viewer, vendor_id)
    if member is None:
        raise NotFound
    return member


def ensure_covered(own: VendorMember, role: MemberRole) -> None:
    """Raise `RoleAboveOwn` unless the viewer's own role is this one or a higher one."""
    if not own.role.covers(role):
        raise RoleAboveOwn(field=["role"])


async def _access_managed(
    session: AsyncSession, viewer: Viewer, member_id: UUID
) -> tuple[VendorMember, VendorMember]:
    """Return the viewer's own membership and one that they manage, with the vendor locked."""
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    rows = select(VendorMember).where(VendorMember.id == member_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    vendor_id = found.vendor_id
    await access_vendor(session, viewer, vendor_id, Permission.MANAGE_MEMBERS, change=True)
    current = rows.execution_options(populate_existing=True)
    member = (await session.exec(current)).first()
    if member is None:
        raise NotFound
    own = await access_own(session, viewer, vendor_id)
    ensure_covered(own, member.role)
    return own, member

"""Members of vendors, added and removed by admins."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, Ordering
from core.statements.pages import PageStatements
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity.accounts import User
from models.vendors import LastOwner, MemberRole, Vendor, VendorMember
from services.audit import entries as audit
from services.identity.accounts import find_user, find_user_by_email
from services.viewer import Viewer

# A user by id, or by the normal form of the email address.
Account = UUID | str


def list_members(vendor_id: UUID) -> Listing[VendorMember]:
    return _member_statements().listing({"vendor_id": vendor_id})


@cache
def _member_statements() -> PageStatements[VendorMember]:
    rows = select(VendorMember).where(VendorMember.vendor_id == bindparam("vendor_id"))
    joined = VendorMember.created_at
    by_time = Ordering("members", joined, VendorMember.id, datetime.fromisoformat)
    return PageStatements(Listing(rows, by_time))


async def add_vendor_member(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, account: Account, role: MemberRole
) -> Vendor:
    """Add a user to a vendor, or change their role there. Raises `LastOwner`."""
    viewer.require_admin()
    vendor = await lock_vendor(session, vendor_id)
    user = await access_account(session, account, field="user")
    members = (await session.exec(_members(vendor_id))).all()
    member = next((one for one in members if one.user_id == user.id), None)
    if member is None:
        join(session, viewer, vendor_id, user.id, role)
    elif member.role is not role:
        if role is not MemberRole.OWNER:
            _ensure_owner_left(members, member)
        member.role = role
        audit.append(session, viewer, AuditAct.ADD_MEMBER, subject_id=user.id)
    return vendor


async def remove_vendor_member(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, user_id: UUID
) -> Vendor:
    """Remove a member of a vendor. Raises `NotFound` and `LastOwner`."""
    viewer.require_admin()
    vendor = await lock_vendor(session, vendor_id)
    members = (await session.exec(_members(vendor_id))).all()
    member = next((one for one in members if one.user_id == user_id), None)
    if member is None:
        raise NotFound
    _ensure_owner_left(members, member)
    await session.delete(member)
    audit.append(session, viewer, AuditAct.REMOVE_MEMBER, subject_id=user_id)
    return vendor


async def access_account(session: AsyncSession, account: Account, *, field: str) -> User:
    """Return the user. Raises `InvalidInput` for this field of the input."""
    user = (
        await find_user(session, account)
        if isinstance(account, UUID)
        else await find_user_by_email(session, account)
    )
    if user is None:
        raise InvalidInput(
            "There is no such account. The person must register first.", field=[field]
        )
    return user


def join(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, user_id: UUID, role: MemberRole
) -> None:
    session.add(VendorMember(vendor_id=vendor_id, user_id=user_id, role=role))
    audit.append(session, viewer, AuditAct.ADD_MEMBER, subject_id=user_id)


def _members(vendor_id: UUID) -> SelectOfScalar[VendorMember]:
    return select(VendorMember).where(VendorMember.vendor_id == vendor_id)


async def lock_vendor(session: AsyncSession, vendor_id: UUID) -> Vendor:
    """Return a vendor, locked so that its members change one at a time. Raises `NotFound`."""
    rows = select(Vendor).where(Vendor.id == vendor_id)
    vendor = (await session.exec(for_change(rows))).first()
    if vendor is None:
        raise NotFound
    return vendor


def _ensure_owner_left(members: Sequence[VendorMember], leaving: VendorMember) -> None:
    """Raise `LastOwner` if a vendor has no other owner."""
    if not any(one.role is MemberRole.OWNER for one in members if one is not leaving):
        raise LastOwner

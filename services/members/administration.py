"""Members added and removed by admins, without an invitation."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_reliance
from core.security.sealed import Sealer
from models.admins.suspensions import OwnAccount
from models.errors import InvalidInput, NotFound
from models.identity.accounts import User, UserState
from models.vendors import MemberRole, Vendor
from services.admins.access import is_erased
from services.identity.accounts import find_user, find_user_by_email
from services.identity.addresses.sealed_addresses import lookup_email
from services.members.conflicts import ensure_other_vendor
from services.members.membership import (
    end_membership,
    find_membership,
    join,
    lock_vendor,
    set_role,
)
from services.viewer import Viewer

# A user by id, or by the normal form of the email address.
Account = UUID | str


async def add_vendor_member(
    session: AsyncSession,
    sealer: Sealer,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    account: Account,
    role: MemberRole,
) -> Vendor:
    """Add a user to a vendor, or change their role there.

    The user is locked before the vendor, so that they are not suspended before the commit. Raises
    `InvalidInput` for one who is, since a membership gives them no rights, `OwnAccount` for the
    admin, `OwnVendor` and `LastOwner`.
    """
    admin_id = viewer.require_admin()
    user = await access_account(session, sealer, account, field="user")
    if user.id == admin_id:
        raise OwnAccount
    await session.exec(for_reliance(select(User).where(User.id == user.id)))
    vendor = await lock_vendor(session, vendor_id)
    await ensure_other_vendor(session, vendor_id, admin_id)
    member = await find_membership(session, vendor_id, user.id)
    if member is None:
        if user.state is UserState.SUSPENDED:
            raise InvalidInput("This account is suspended. Restore it first.", field=["user"])
        await join(session, viewer, vendor_id, user, role)
    elif member.role is not role:
        await set_role(session, viewer, member, role)
    return vendor


async def remove_vendor_member(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, user_id: UUID
) -> Vendor:
    """Remove a member of a vendor. Raises `NotFound`, `OwnVendor` and `LastOwner`."""
    admin_id = viewer.require_admin()
    vendor = await lock_vendor(session, vendor_id)
    await ensure_other_vendor(session, vendor_id, admin_id)
    member = await find_membership(session, vendor_id, user_id)
    if member is None:
        raise NotFound
    await end_membership(session, viewer, member)
    return vendor


async def access_account(
    session: AsyncSession, sealer: Sealer, account: Account, *, field: str
) -> User:
    """Return the user. Raises `InvalidInput` for this field of the input, also if erased."""
    user = (
        await find_user(session, account)
        if isinstance(account, UUID)
        else await find_user_by_email(session, lookup_email(sealer, account))
    )
    if user is None or await is_erased(session, user.id):
        raise InvalidInput(
            "There is no such account. The person must register first.", field=[field]
        )
    return user

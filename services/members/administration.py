"""Members added and removed by admins, without an invitation."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.errors import InvalidInput, NotFound
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from services.identity.accounts import find_user, find_user_by_email
from services.identity.addresses.sealed_addresses import lookup_email
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
    """Add a user to a vendor, or change their role there. Raises `LastOwner`."""
    viewer.require_admin()
    vendor = await lock_vendor(session, vendor_id)
    user = await access_account(session, sealer, account, field="user")
    member = await find_membership(session, vendor_id, user.id)
    if member is None:
        await join(session, viewer, vendor_id, user, role)
    elif member.role is not role:
        await set_role(session, viewer, member, role)
    return vendor


async def remove_vendor_member(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, user_id: UUID
) -> Vendor:
    """Remove a member of a vendor. Raises `NotFound` and `LastOwner`."""
    viewer.require_admin()
    vendor = await lock_vendor(session, vendor_id)
    member = await find_membership(session, vendor_id, user_id)
    if member is None:
        raise NotFound
    await end_membership(session, viewer, member)
    return vendor


async def access_account(
    session: AsyncSession, sealer: Sealer, account: Account, *, field: str
) -> User:
    """Return the user. Raises `InvalidInput` for this field of the input."""
    user = (
        await find_user(session, account)
        if isinstance(account, UUID)
        else await find_user_by_email(session, lookup_email(sealer, account))
    )
    if user is None:
        raise InvalidInput(
            "There is no such account. The person must register first.", field=[field]
        )
    return user

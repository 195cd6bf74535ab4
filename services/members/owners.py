"""Owners of vendors: one who can sign in stays."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, not_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in, for_change
from models.identity.accounts import User, UserState
from models.privacy import AccountDeletion
from models.vendors import LastOwner, MemberRole, Vendor, VendorMember, VendorStatus

NO_OWNER_LEFT = (
    "This is the only owner of a vendor that sells. Make another member an owner, or suspend the"
    " vendor first."
)
NO_OWNER_STAYS = (
    "No owner of this vendor can sign in, or their accounts are about to be deleted. Add another"
    " owner first."
)


async def has_other_owner(session: AsyncSession, vendor_id: UUID, user_id: UUID) -> bool:
    """Return whether a vendor, which is locked, has another owner who stays.

    One who is suspended, or whose account will be deleted, does not.
    """
    others = (
        select(VendorMember.id)
        .join(User, col(User.id) == col(VendorMember.user_id))
        .where(
            VendorMember.vendor_id == vendor_id,
            VendorMember.role == MemberRole.OWNER,
            VendorMember.user_id != user_id,
            _stays(),
        )
    )
    return (await session.exec(others.limit(1))).first() is not None


async def ensure_owner_stays(session: AsyncSession, vendor_id: UUID) -> None:
    """Raise `LastOwner` if a vendor, which is locked and is to sell, has only owners who leave.

    Else a vendor could be suspended, then its owner, and sell again without one.
    """
    owners = (
        select(_stays())
        .select_from(VendorMember)
        .join(User, col(User.id) == col(VendorMember.user_id))
        .where(VendorMember.vendor_id == vendor_id, VendorMember.role == MemberRole.OWNER)
    )
    found = (await session.exec(owners)).all()
    if found and not any(found):
        raise LastOwner(NO_OWNER_STAYS)


async def ensure_vendors_keep_owner(session: AsyncSession, user_id: UUID) -> None:
    """Raise `LastOwner` if the user is the only owner of a vendor that sells.

    The vendors are locked, as they are by owners who leave, so that two owners do not go at once.
    """
    owns = exists_in(
        VendorMember,
        col(VendorMember.vendor_id) == col(Vendor.id),
        VendorMember.user_id == user_id,
        VendorMember.role == MemberRole.OWNER,
    )
    rows = select(Vendor).where(owns).order_by(col(Vendor.id))
    for vendor in (await session.exec(for_change(rows))).all():
        selling = vendor.status is VendorStatus.APPROVED
        if selling and not await has_other_owner(session, vendor.id, user_id):
            raise LastOwner(NO_OWNER_LEFT)


def _stays() -> ColumnElement[bool]:
    """Match users who are not suspended, and whose accounts will not be deleted."""
    leaves = col(User.id).in_(select(AccountDeletion.user_id))
    return and_(col(User.state) == UserState.ACTIVE, not_(leaves))

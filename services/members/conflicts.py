"""Conflicts of interest: an admin decides nothing about a business that they work for."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.vendors import OwnVendor, VendorMember


async def ensure_other_vendor(session: AsyncSession, vendor_id: UUID, admin_id: UUID) -> None:
    """Raise `OwnVendor` if an admin is a member of a vendor."""
    if await works_for(session, admin_id, [vendor_id]):
        raise OwnVendor


async def works_for(session: AsyncSession, user_id: UUID, vendor_ids: Collection[UUID]) -> bool:
    """Return whether a user is a member of one of these vendors, in whatever role."""
    rows = select(VendorMember.id).where(
        VendorMember.user_id == user_id, col(VendorMember.vendor_id).in_(vendor_ids)
    )
    return (await session.exec(rows.limit(1))).first() is not None

"""Conflicts of interest: an admin decides nothing about a business that they work for."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.vendors import OwnVendor, VendorMember


async def ensure_other_vendor(session: AsyncSession, vendor_id: UUID, admin_id: UUID) -> None:
    """Raise `OwnVendor` if an admin is a member of a vendor."""
    works_there = select(VendorMember.id).where(
        VendorMember.vendor_id == vendor_id, VendorMember.user_id == admin_id
    )
    if (await session.exec(works_there)).first() is not None:
        raise OwnVendor

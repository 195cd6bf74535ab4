"""Vendors that users follow."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.errors import NotFound
from models.vendors import Vendor, VendorFollow
from services.vendors.access import visible_vendors
from services.viewer import Viewer


async def follow_vendor(session: AsyncSession, viewer: Viewer, *, vendor_id: UUID) -> Vendor:
    """Follow a vendor. Following it again changes nothing."""
    user_id = viewer.require_user()
    vendor = await _access_visible(session, viewer, vendor_id)
    follow = insert(VendorFollow).values(user_id=user_id, vendor_id=vendor.id, created_at=now())
    await session.exec(follow.on_conflict_do_nothing())
    return vendor


async def unfollow_vendor(session: AsyncSession, viewer: Viewer, *, vendor_id: UUID) -> Vendor:
    user_id = viewer.require_user()
    vendor = await _access_visible(session, viewer, vendor_id)
    mine = (col(VendorFollow.user_id) == user_id, col(VendorFollow.vendor_id) == vendor.id)
    await session.exec(delete(VendorFollow).where(*mine))
    return vendor


async def _access_visible(session: AsyncSession, viewer: Viewer, vendor_id: UUID) -> Vendor:
    rows = visible_vendors(viewer).where(Vendor.id == vendor_id)
    vendor = (await session.exec(rows)).first()
    if vendor is None:
        raise NotFound
    return vendor

"""Loaders of vendors."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, by_id, children, visible
from models.offers.offers import Offer
from models.vendors import Vendor, VendorMember
from services.offers.offers import live_offers
from services.vendors import visible_vendors
from services.viewer import Viewer

vendor_by_id = by_id(Vendor)
visible_vendor = visible(Vendor, visible_vendors)
live_offers_of_vendor = children(Offer, "vendor_id", lambda _: live_offers())


async def _membership(
    session: AsyncSession, viewer: Viewer, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, VendorMember | None]:
    user_id = viewer.optional_user_id
    if user_id is None:
        return {}
    rows = select(VendorMember).where(
        VendorMember.user_id == user_id, col(VendorMember.vendor_id).in_(vendor_ids)
    )
    return {row.vendor_id: row for row in await session.exec(rows)}


async def _vendors_of_user(
    session: AsyncSession, viewer: Viewer, user_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[Vendor]]:
    rows = (
        select(Vendor, VendorMember.user_id)
        .join(VendorMember, col(VendorMember.vendor_id) == Vendor.id)
        .where(col(VendorMember.user_id).in_(user_ids))
        .order_by(col(Vendor.name), col(Vendor.id))
    )
    grouped: dict[UUID, list[Vendor]] = defaultdict(list)
    for vendor, user_id in await session.exec(rows):
        grouped[user_id].append(vendor)
    return grouped


own_membership: Loader[UUID, VendorMember | None] = Loader(_membership, None)
vendors_of_user: Loader[UUID, Sequence[Vendor]] = Loader(_vendors_of_user, [])

"""Access to the agendas of vendors, for their members who see bookings, and admins."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.setting_up.resources import Resource, ResourceState
from models.errors import NotFound
from models.members import Permission
from models.vendors import Vendor
from services.bookings.setting_up.listing import RESOURCES
from services.vendors.access import works_at
from services.viewer import Viewer

MAX_AGENDA_RESOURCES = 50


async def find_agenda_vendor(session: AsyncSession, viewer: Viewer, vendor_id: UUID) -> Vendor:
    """Return a vendor whose bookings the viewer sees. Raises `NotFound`."""
    viewer.require_user()
    rows = select(Vendor).where(Vendor.id == vendor_id)
    if not viewer.admin:
        rows = rows.where(works_at(viewer.staff, col(Vendor.id), Permission.SEE_BOOKINGS))
    vendor = (await session.exec(rows)).first()
    if vendor is None:
        raise NotFound
    return vendor


async def find_lanes(
    session: AsyncSession, vendor: Vendor, resource_ids: Collection[UUID] | None
) -> list[Resource]:
    """Return the chosen resources of a vendor, or the first 50 that are active, in its order.

    Raises `NotFound` if one of the chosen is not the vendor's.
    """
    rows = select(Resource).where(Resource.vendor_id == vendor.id)
    if resource_ids is None:
        rows = rows.where(Resource.state == ResourceState.ACTIVE)
    else:
        rows = rows.where(col(Resource.id).in_(set(resource_ids)))
    ordered = rows.order_by(*RESOURCES.columns()).limit(MAX_AGENDA_RESOURCES)
    found = list((await session.exec(ordered)).all())
    if resource_ids is not None and len(found) < len(set(resource_ids)):
        raise NotFound(field=["resourceIds"])
    return found

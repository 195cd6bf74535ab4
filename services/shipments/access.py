"""Access to shipments: those of the parts of orders that a viewer can see."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from models.errors import NotFound
from models.shipments import Shipment, TrackingEvent
from services.orders.access import of_visible_suborders
from services.orders.parts import LockedPart, access_vendor_part
from services.viewer import Viewer


@dataclass(frozen=True)
class LockedShipment:
    """A shipment with its part of an order. The rows are locked."""

    part: LockedPart
    shipment: Shipment


def visible_shipments(viewer: Viewer) -> SelectOfScalar[Shipment]:
    """Select the shipments of the sub-orders that the viewer can see."""
    return of_visible_suborders(viewer, select(Shipment), col(Shipment.suborder_id))


def visible_tracking_events(viewer: Viewer) -> SelectOfScalar[TrackingEvent]:
    """Select the reports of the shipments that the viewer can see."""
    if viewer.admin:
        return select(TrackingEvent)
    seen = visible_shipments(viewer).with_only_columns(col(Shipment.id))
    return select(TrackingEvent).where(col(TrackingEvent.shipment_id).in_(seen))


async def access_shipment(
    session: AsyncSession, viewer: Viewer, shipment_id: UUID
) -> LockedShipment:
    """Return a shipment for a member who may change it. Raises `NotFound`."""
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    suborder_id = await session.scalar(
        select(Shipment.suborder_id).where(Shipment.id == shipment_id)
    )
    if suborder_id is None:
        raise NotFound
    part = await access_vendor_part(session, viewer, suborder_id)
    return LockedShipment(part, await lock_shipment(session, shipment_id))


async def lock_shipment(session: AsyncSession, shipment_id: UUID) -> Shipment:
    """Lock a shipment. Its part is locked before."""
    return (
        await session.exec(for_change(select(Shipment).where(Shipment.id == shipment_id)))
    ).one()

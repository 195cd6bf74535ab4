"""Reports of where shipments are, by members of vendors and by carriers."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import literal_column
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import new_id
from models.notifications.inbox import NotificationKind
from models.orders.timeline import OrderActor
from models.shipments import (
    CARRIER_NAME,
    MAX_TRACKING_EVENTS,
    Shipment,
    ShipmentState,
    TrackingEvent,
    TrackingLimitReached,
    TrackingReport,
    TrackingSource,
)
from services.notifications.inbox import notify_all
from services.orders.changes import publish_change
from services.orders.handling.arrivals import deliver_if_arrived
from services.orders.notices import to_buyer, to_vendor
from services.orders.parts import lock_part
from services.shipments.access import LockedShipment, access_shipment, lock_shipment
from services.viewer import Viewer

NOTICES = {
    ShipmentState.OUT_FOR_DELIVERY: NotificationKind.SHIPMENT_OUT_FOR_DELIVERY,
    ShipmentState.RETURNED: NotificationKind.SHIPMENT_RETURNED,
    ShipmentState.LOST: NotificationKind.SHIPMENT_LOST,
}
ACTORS = {TrackingSource.VENDOR: OrderActor.VENDOR, TrackingSource.CARRIER: OrderActor.CARRIER}


class CarrierOutcome(StrEnum):
    """The outcome of a report of a carrier.

    It is AMBIGUOUS if several vendors have entered its number for parcels on their way: one of
    them has another's number. Of an open parcel and one that has ended, the open one is meant.
    """

    RECORDED = "recorded"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


async def add_tracking_event(
    session: AsyncSession,
    viewer: Viewer,
    report: TrackingReport,
    *,
    shipment_id: UUID,
    return_days: int,
) -> Shipment:
    """Record where a shipment is. The same report twice changes nothing.

    Raises `InvalidInput` for a time before the order or in the future.
    """
    found = await access_shipment(session, viewer, shipment_id)
    report.ensure_between(found.part.order.created_at, now())
    source = TrackingSource.VENDOR
    await _record(session, found, report, source, return_days=return_days, viewer=viewer)
    return found.shipment


async def record_carrier_event(
    session: AsyncSession,
    report: TrackingReport,
    *,
    carrier: str,
    tracking_number: str,
    return_days: int,
) -> CarrierOutcome:
    """Record the report of a carrier, unless no shipment or no single one can be meant.

    `carrier` is its name in lower case, with dashes for spaces. Raises `InvalidInput` for a time
    before the order or in the future, and `TrackingLimitReached`.
    """
    ended = col(Shipment.state).in_([state for state in ShipmentState if state.is_final])
    rows = select(Shipment.id, Shipment.suborder_id, ended).where(
        literal_column(CARRIER_NAME) == carrier, Shipment.tracking_number == tracking_number
    )
    found = (await session.exec(rows.order_by(ended).limit(2))).all()
    if not found:
        return CarrierOutcome.UNKNOWN
    if len({is_ended for _, _, is_ended in found}) < len(found):
        return CarrierOutcome.AMBIGUOUS
    shipment_id, suborder_id, _ = found[0]
    part = await lock_part(session, suborder_id)
    locked = LockedShipment(part, await lock_shipment(session, shipment_id))
    report.ensure_between(part.order.created_at, now())
    await _record(session, locked, report, TrackingSource.CARRIER, return_days=return_days)
    return CarrierOutcome.RECORDED


async def _record(
    session: AsyncSession,
    found: LockedShipment,
    report: TrackingReport,
    source: TrackingSource,
    *,
    return_days: int,
    viewer: Viewer | None = None,
) -> None:
    shipment, order, suborder = found.shipment, found.part.order, found.part.suborder
    if not await _insert(session, shipment, report, source):
        return
    if shipment.follow(report.state, now()):
        await _notify(session, found)
        actor = ACTORS[source]
        await deliver_if_arrived(session, found.part, actor, return_days=return_days, viewer=viewer)
    publish_change(session, order, [suborder])


async def _insert(
    session: AsyncSession, shipment: Shipment, report: TrackingReport, source: TrackingSource
) -> bool:
    """Insert a report. Returns False if it is known. Raises `TrackingLimitReached`."""
    counted = select(func.count()).where(col(TrackingEvent.shipment_id) == shipment.id)
    if (await session.exec(counted)).one() >= MAX_TRACKING_EVENTS:
        raise TrackingLimitReached(most=MAX_TRACKING_EVENTS)
    values = {
        "id": new_id(),
        "created_at": now(),
        "shipment_id": shipment.id,
        "source": source,
        **report.model_dump(),
    }
    added = insert(TrackingEvent).values(values).on_conflict_do_nothing()
    return await session.scalar(added.returning(col(TrackingEvent.id))) is not None


async def _notify(session: AsyncSession, found: LockedShipment) -> None:
    """Notify the buyer, and the vendor too of what did not arrive."""
    shipment = found.shipment
    if (kind := NOTICES.get(shipment.state)) is None:
        return
    notices = [*await to_buyer(session, found.part.order, kind, shipment.id)]
    if shipment.state.is_final:
        vendor_id = found.part.suborder.vendor_id
        notices += await to_vendor(session, vendor_id, kind, shipment.id)
    await notify_all(session, notices)

"""Shipments made and corrected by members of vendors. They change no money."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.errors import InvalidInput
from models.orders.selections import UnitsOfLine
from models.shipments import (
    MAX_SHIPMENTS,
    Shipment,
    ShipmentDraft,
    ShipmentLimitReached,
    ShipmentLine,
    ShipmentPatch,
    ShipmentState,
    TrackingEvent,
    TrackingSource,
)
from services import idempotency
from services.orders.changes import publish_change
from services.orders.handling.delivering import count_shipped
from services.orders.parts import access_vendor_part
from services.shipments.access import access_shipment
from services.viewer import Viewer

IS_PICKUP = "This order is collected, not shipped. Mark it as delivered when it is handed over."


async def create_shipment(
    session: AsyncSession,
    viewer: Viewer,
    draft: ShipmentDraft,
    *,
    suborder_id: UUID,
    lines: Sequence[UnitsOfLine],
    idempotency_key: str,
) -> Shipment:
    """Ship units of a part, once per idempotency key.

    Raises `TooManyUnits`, `InvalidOrderState` and `ShipmentLimitReached`, and `InvalidInput` for a
    pick-up.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "createShipment",
        idempotency_key,
        suborder_id=suborder_id,
        draft=draft.model_dump(),
        lines=[line.model_dump() for line in lines],
    )
    part = await access_vendor_part(session, viewer, suborder_id)
    if claimed.replayed:
        return await session.get_one(Shipment, claimed.replayed)
    if part.suborder.is_pickup:
        raise InvalidInput(IS_PICKUP, field=["suborderId"])
    await count_shipped(session, viewer, part, lines)
    shipment = Shipment(
        suborder_id=suborder_id,
        vendor_id=part.suborder.vendor_id,
        position=await _next_position(session, suborder_id),
        carrier=draft.carrier,
        tracking_number=draft.tracking_number,
    )
    session.add(shipment)
    await session.flush()
    session.add_all(
        ShipmentLine(shipment_id=shipment.id, line_id=one.line_id, quantity=one.quantity)
        for one in lines
    )
    session.add(
        TrackingEvent(
            shipment_id=shipment.id,
            state=ShipmentState.SHIPPED,
            source=TrackingSource.VENDOR,
            at=now(),
        )
    )
    await idempotency.record_result(session, claimed, shipment.id)
    return shipment


async def update_shipment(
    session: AsyncSession, viewer: Viewer, patch: ShipmentPatch, *, shipment_id: UUID
) -> Shipment:
    """Change the values set in the patch. Raises `ShipmentEnded` and `InvalidInput`."""
    found = await access_shipment(session, viewer, shipment_id)
    shipment = found.shipment
    shipment.ensure_open()
    draft = patch.over(shipment)
    shipment.carrier, shipment.tracking_number = draft.carrier, draft.tracking_number
    publish_change(session, found.part.order, [found.part.suborder])
    return shipment


async def _next_position(session: AsyncSession, suborder_id: UUID) -> int:
    """Return the number of the shipments of a part, which is locked."""
    counted = select(func.count()).where(col(Shipment.suborder_id) == suborder_id)
    position = (await session.exec(counted)).one()
    if position >= MAX_SHIPMENTS:
        raise ShipmentLimitReached(most=MAX_SHIPMENTS)
    return position

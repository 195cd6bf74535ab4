"""A shipment of one unit, and a report of it."""

from core.clock import now
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.shipments import Shipment, ShipmentLine, ShipmentState, TrackingEvent, TrackingSource
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    part, line = await world.first(SubOrder), await world.first(OrderLine)
    shipment = Shipment(
        suborder_id=part.id,
        vendor_id=part.vendor_id,
        position=0,
        carrier="Speed Post",
        tracking_number="EE123456789IN",
    )
    event = TrackingEvent(
        shipment_id=shipment.id,
        state=ShipmentState.SHIPPED,
        source=TrackingSource.VENDOR,
        at=now(),
    )
    await world.save(
        shipment, ShipmentLine(shipment_id=shipment.id, line_id=line.id, quantity=1), event
    )

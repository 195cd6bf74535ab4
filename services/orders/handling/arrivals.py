"""Parts that are delivered with the last of their shipments."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.orders.timeline import OrderActor
from models.shipments import Shipment, ShipmentState
from services.orders.handling.delivering import deliver_part
from services.orders.handling.ends_on_site import waits_on_site
from services.orders.parts import LockedPart, find_lines
from services.viewer import Viewer


async def deliver_if_arrived(
    session: AsyncSession,
    part: LockedPart,
    actor: OrderActor,
    *,
    return_days: int,
    viewer: Viewer | None = None,
) -> None:
    """Deliver a part of which all was shipped and has arrived. The part is locked.

    Called when a shipment has arrived, when what was not shipped yet is cancelled, and when what is
    had on site is over.
    """
    if await _has_arrived(session, part.suborder):
        await deliver_part(session, part, actor, return_days=return_days, viewer=viewer)


async def _has_arrived(session: AsyncSession, suborder: SubOrder) -> bool:
    """Return whether all of a part was shipped, and each of its shipments is DELIVERED.

    Files need no shipment, nor does what was picked up. What is had on site has to be over: goods
    can arrive long before a date that was bought with them.
    """
    if suborder.state is not SubOrderState.SHIPPED:
        return False
    await session.flush()
    if await waits_on_site(session, suborder):
        return False
    states = select(Shipment.state).where(Shipment.suborder_id == suborder.id)
    found = set((await session.exec(states)).all())
    if found:
        return found == {ShipmentState.DELIVERED}
    lines = await find_lines(session, suborder.id)
    shipped = [line for line in lines if line.shipped]
    return suborder.is_pickup or all(line.is_digital or line.is_on_site for line in shipped)

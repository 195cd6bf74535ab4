"""Lines that are had on site: shipped when they are paid, and delivered when they are over.

So the vendor is paid for a date or a visit only after it.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.orders.orders import Order, SubOrder
from models.orders.states import SubOrderState
from models.orders.timeline import OrderActor, OrderStepKind
from services import jobs
from services.orders.access import lock_order
from services.orders.changes import publish_change
from services.orders.handling.arrivals import deliver_if_arrived
from services.orders.handling.ends_on_site import find_end_on_site
from services.orders.parts import LockedPart, find_lines, lock_parts
from services.orders.timeline import record_step


async def deliver_on_site(session: AsyncSession, order_id: UUID, return_days: int) -> None:
    """Ship the lines of an order that are had on site, and deliver its parts that are over.

    Until the last of them is over, it looks again at each end: dates and visits can move, and one
    vendor is not paid later because of another. A second call changes nothing.
    """
    order = await lock_order(session, order_id)
    if order is None or order.confirmed_at is None:
        return
    waits_until: datetime | None = None
    for part in await lock_parts(session, order):
        await ship_on_site(session, order, part)
        over_at = await find_end_on_site(session, part)
        if over_at is None:
            continue
        if over_at > now():
            waits_until = min(over_at, waits_until or over_at)
        else:
            locked, platform = LockedPart(order, part), OrderActor.PLATFORM
            await deliver_if_arrived(session, locked, platform, return_days=return_days)
    if waits_until is not None:
        await jobs.defer(session, "deliver_on_site", at=waits_until, order_id=order_id)


async def ship_on_site(session: AsyncSession, order: Order, part: SubOrder) -> None:
    """Count the lines of a part that are had on site as shipped. It is locked with its order."""
    if not part.can_be_cancelled:
        return
    lines = await find_lines(session, part.id)
    on_site = [line for line in lines if line.is_on_site and line.open_units]
    for line in on_site:
        line.ship(line.open_units)
    if on_site and not any(line.open_units for line in lines):
        part.become(SubOrderState.SHIPPED)
        platform = OrderActor.PLATFORM
        record_step(session, order, OrderStepKind.SHIPPED, platform, suborder=part)
    if on_site:
        await session.flush()
        publish_change(session, order, [part])

"""Ticket lines of orders: shipped when they are paid, and delivered when their dates are over.

So the vendor is paid for a date only after it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import case, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in
from core.statements.parameters import current_time
from models.events.dates import EventDate, EventDateState
from models.events.tickets import Ticket
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.states import SubOrderState
from models.orders.timeline import OrderActor, OrderStepKind
from models.shipments import Shipment, ShipmentState
from services import jobs
from services.orders.access import lock_order
from services.orders.changes import publish_change
from services.orders.handling.delivering import deliver_part
from services.orders.parts import LockedPart, find_lines, lock_parts
from services.orders.timeline import record_step


async def deliver_tickets(session: AsyncSession, order_id: UUID, return_days: int) -> None:
    """Ship the ticket lines of an order, and deliver its parts whose dates are over.

    Until the last of its dates is over, it looks again at the end of that: dates can move. A
    second call changes nothing.
    """
    order = await lock_order(session, order_id)
    if order is None or order.confirmed_at is None:
        return
    waits_until: datetime | None = None
    for part in await lock_parts(session, order):
        await ship_tickets(session, order, part)
        ends_at = await _find_end(session, part)
        if ends_at is None:
            continue
        if ends_at > now():
            waits_until = max(ends_at, waits_until or ends_at)
        elif await _has_arrived(session, part):
            locked = LockedPart(order, part)
            await deliver_part(session, locked, OrderActor.PLATFORM, return_days=return_days)
    if waits_until is not None:
        await jobs.defer(session, "deliver_tickets", at=waits_until, order_id=order_id)


async def ship_tickets(session: AsyncSession, order: Order, part: SubOrder) -> None:
    """Count the tickets of a part as shipped. The part is locked with its order."""
    if not part.can_be_cancelled:
        return
    lines = await find_lines(session, part.id)
    tickets = [line for line in lines if line.is_ticket and line.open_units]
    for line in tickets:
        line.ship(line.open_units)
    if tickets and not any(line.open_units for line in lines):
        part.become(SubOrderState.SHIPPED)
        platform = OrderActor.PLATFORM
        record_step(session, order, OrderStepKind.SHIPPED, platform, suborder=part)
    if tickets:
        await session.flush()
        publish_change(session, order, [part])


async def _find_end(session: AsyncSession, part: SubOrder) -> datetime | None:
    """Return the end of the last date of the tickets of a part. None if it has none.

    A date that is postponed has none yet: it is looked at again after a day.
    """
    tomorrow = current_time() + timedelta(days=1)
    postponed = col(EventDate.state) == EventDateState.POSTPONED, tomorrow
    rows = (
        select(func.max(case(postponed, else_=col(EventDate.ends_at))))
        .join(Ticket, col(Ticket.event_date_id) == col(EventDate.id))
        .join(OrderLine, col(OrderLine.id) == col(Ticket.order_line_id))
        .where(OrderLine.suborder_id == part.id)
    )
    end: datetime | None = (await session.exec(rows)).one()
    return end


async def _has_arrived(session: AsyncSession, part: SubOrder) -> bool:
    """Return whether all of a part was shipped, and none of its parcels is on the way."""
    if part.state is not SubOrderState.SHIPPED:
        return False
    on_the_way = exists_in(
        Shipment, Shipment.suborder_id == part.id, Shipment.state != ShipmentState.DELIVERED
    )
    return not (await session.exec(select(on_the_way))).one()

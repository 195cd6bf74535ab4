"""Refunds of orders that their buyers cancel, before they do."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState
from models.payments.refunds import RefundAmount, RefundShare
from services.downloads.rights.taken import find_taken
from services.orders.parts import find_lines
from services.viewer import Viewer


async def quote_cancellations(
    session: AsyncSession, _: Viewer, order_ids: Sequence[UUID]
) -> Mapping[UUID, int]:
    """Return what `cancelOrder` gives back of each order now, in minor units.

    Orders that it refuses are left out. Nothing is locked: a unit can be shipped in between.
    """
    states = select(Order.id, Order.state).where(col(Order.id).in_(order_ids))
    found = dict((await session.exec(states)).all())
    paid = [id for id, state in found.items() if state is OrderState.CONFIRMED]
    parts = (await session.exec(select(SubOrder).where(col(SubOrder.order_id).in_(paid)))).all()
    lines = await find_lines(session, *(part.id for part in parts))
    taken = await find_taken(session, [one for one in lines if one.open_units], lock=False)
    delivered = await find_delivered(session, parts)
    quotes = {id: 0 for id, state in found.items() if state is OrderState.PENDING}
    for part in parts:
        open_lines = cancellable(part, lines, taken)
        if open_lines:
            amount = sum(_amount_of(line, delivery=part.id not in delivered) for line in open_lines)
            left = part.total - part.refunded
            quotes[part.order_id] = quotes.get(part.order_id, 0) + min(amount, left)
    return quotes


def cancellable(
    part: SubOrder, lines: Sequence[OrderLine], taken: Collection[UUID]
) -> Sequence[OrderLine]:
    """Return those lines of a part of which the buyer can cancel all units that are not shipped.

    Digital lines that were `taken` are the vendor's decision, and visits end with their bookings
    and tickets.
    """
    if not part.can_be_cancelled:
        return []
    own = (line for line in lines if line.suborder_id == part.id and line.open_units)
    return [line for line in own if line.id not in taken and not line.is_on_site]


def _amount_of(line: OrderLine, *, delivery: bool) -> int:
    stop = line.quantity - line.cancelled
    return line.amount_of(stop - line.open_units, stop, delivery=delivery)


async def find_delivered(session: AsyncSession, parts: Sequence[SubOrder]) -> set[UUID]:
    """Return the parts whose delivery has gone back."""
    rows = select(RefundAmount.suborder_id).where(
        col(RefundAmount.suborder_id).in_([part.id for part in parts]),
        RefundAmount.share == RefundShare.DELIVERY,
    )
    return set((await session.exec(rows)).all())

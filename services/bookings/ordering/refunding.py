"""The amount that was paid online for a booking, and its refund, the way it was paid."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import Booking, BookingState, InvalidBookingState
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.timeline import OrderActor
from models.payments.refunds import Refund
from services.bookings.holding.access import lock_booking
from services.orders.access import lock_order
from services.orders.handling.on_site import ship_on_site
from services.orders.parts import find_lines, lock_parts
from services.orders.refunds.shares import refund_share
from services.viewer import Viewer


@dataclass(frozen=True)
class OrderedBooking:
    """A booking and its order, both locked. None if it is in no order."""

    booking: Booking
    order: Order | None


async def lock_with_order(session: AsyncSession, booking: Booking) -> OrderedBooking:
    """Lock the order of a booking, then the booking. Raises `InvalidBookingState`."""
    order = await lock_order_of(session, booking)
    locked = await lock_booking(session, booking.id)
    ensure_in_order(locked, order)
    return OrderedBooking(locked, order)


async def lock_order_of(session: AsyncSession, booking: Booking) -> Order | None:
    """Lock the order of a booking, before anything that it changes. None if it has none."""
    if booking.order_line_id is None:
        return None
    rows = (
        select(SubOrder.order_id)
        .join(OrderLine, col(OrderLine.suborder_id) == col(SubOrder.id))
        .where(OrderLine.id == booking.order_line_id)
    )
    return await lock_order(session, (await session.exec(rows)).one())


def ensure_in_order(booking: Booking, order: Order | None) -> None:
    """Raise `InvalidBookingState` if a booking was ordered before it was locked, after its order.

    Otherwise what was paid for it in this moment would not be refunded.
    """
    if order is None and booking.order_line_id is not None:
        raise InvalidBookingState


async def refund_booking(
    session: AsyncSession,
    locked: OrderedBooking,
    amount: int,
    *,
    actor: OrderActor,
    viewer: Viewer | None = None,
    note: str | None = None,
) -> Refund | None:
    """Give the customer an amount of what was paid for a booking back, at most all of it.

    Raises as `grant_refund`.
    """
    booking, order = locked.booking, locked.order
    amount = min(amount, booking.paid_online)
    if order is None or not amount:
        return None
    parts = await lock_parts(session, order)
    await find_lines(session, *(one.id for one in parts))
    line = await session.get_one(OrderLine, booking.order_line_id, populate_existing=True)
    suborder = next(one for one in parts if one.id == line.suborder_id)
    await ship_on_site(session, order, suborder)
    refund = await refund_share(
        session,
        order,
        suborder,
        line,
        amount,
        whole_unit=amount == line.total and not line.refunded,
        actor=actor,
        viewer=viewer,
        note=note,
    )
    booking.paid_online -= amount
    await session.flush()
    return refund


async def settle_no_show(session: AsyncSession, booking_id: UUID, ended_at: datetime) -> None:
    """Refund what the terms do not keep of a no-show that was not undone in time."""
    found = await session.get(Booking, booking_id)
    if found is None:
        return
    locked = await lock_with_order(session, found)
    booking = locked.booking
    if booking.state is not BookingState.NO_SHOW or booking.ended_at != ended_at:
        return
    rest = booking.paid_online - booking.no_show_fee
    await refund_booking(session, locked, rest, actor=OrderActor.PLATFORM)

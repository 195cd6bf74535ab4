"""The amount that was paid online for a booking, and its refund, the way it was paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import Booking, BookingState, InvalidBookingState
from models.bookings.paid import surplus_of
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.timeline import OrderActor
from services.bookings.holding.access import lock_booking
from services.orders.access import lock_order
from services.orders.handling.on_site import ship_on_site
from services.orders.parts import find_lines, lock_parts
from services.orders.refunds.locking import lock_codes_and_wallets
from services.orders.refunds.shares import refund_share
from services.viewer import Viewer


@dataclass(frozen=True)
class OrderedBooking:
    """A booking and the orders of its lines, all locked. It can have none."""

    booking: Booking
    orders: Mapping[UUID, Order]


async def lock_with_order(session: AsyncSession, booking: Booking) -> OrderedBooking:
    """Lock the orders of a booking, then the booking. Raises `InvalidBookingState`."""
    orders = await lock_orders_of(session, [booking])
    locked = await lock_booking(session, booking.id)
    ensure_in_orders(locked, orders)
    return OrderedBooking(locked, orders)


async def lock_orders_of(
    session: AsyncSession, bookings: Sequence[Booking]
) -> Mapping[UUID, Order]:
    """Lock the orders of bookings by id, before anything that they change. Returns them by line.

    What a refund of them gives back is locked after them, and before the bookings.
    """
    lines = {id for booking in bookings for id in booking.line_ids}
    if not lines:
        return {}
    rows = (
        select(OrderLine.id, SubOrder.order_id)
        .join(SubOrder, col(SubOrder.id) == col(OrderLine.suborder_id))
        .where(col(OrderLine.id).in_(lines))
    )
    order_ids = dict((await session.exec(rows)).all())
    locked = {id: await lock_order(session, id) for id in sorted(set(order_ids.values()))}
    await lock_codes_and_wallets(session, locked.keys())
    return {line: found for line, id in order_ids.items() if (found := locked[id]) is not None}


def ensure_in_orders(booking: Booking, orders: Mapping[UUID, Order]) -> None:
    """Raise `InvalidBookingState` if a booking was ordered before it was locked, after its orders.

    Otherwise what was paid for it in this moment would not be refunded.
    """
    if not orders.keys() >= set(booking.line_ids):
        raise InvalidBookingState


async def refund_booking(
    session: AsyncSession,
    locked: OrderedBooking,
    amount: int,
    *,
    actor: OrderActor,
    viewer: Viewer | None = None,
    note: str | None = None,
) -> None:
    """Give the customer an amount of what was paid for a booking back, at most all of it.

    What was paid last goes back first: the rest, then the deposit. An amount that is not positive
    refunds nothing. Raises as `grant_refund`.
    """
    booking = locked.booking
    of_balance = max(0, min(amount, booking.paid_balance))
    of_deposit = min(amount, booking.paid_online) - of_balance
    by_line = ((booking.balance_line_id, of_balance), (booking.order_line_id, of_deposit))
    left = booking.paid_online - of_balance - of_deposit
    for line_id, share in by_line:
        if line_id is not None and share > 0:
            await _refund_line(
                session, locked.orders[line_id], line_id, share, actor, viewer=viewer, note=note
            )
    if of_balance or of_deposit > 0:
        booking.paid_balance -= of_balance
        booking.paid_online = left
        await session.flush()


async def _refund_line(
    session: AsyncSession,
    order: Order,
    line_id: UUID,
    amount: int,
    actor: OrderActor,
    *,
    viewer: Viewer | None,
    note: str | None,
) -> None:
    parts = await lock_parts(session, order)
    await find_lines(session, *(one.id for one in parts))
    line = await session.get_one(OrderLine, line_id, populate_existing=True)
    suborder = next(one for one in parts if one.id == line.suborder_id)
    await ship_on_site(session, order, suborder)
    await refund_share(
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


async def refund_cheaper(
    session: AsyncSession,
    locked: OrderedBooking,
    former: int,
    *,
    actor: OrderActor,
    viewer: Viewer | None,
) -> None:
    """Refund what was paid for a booking beyond its price, with the taxes that come on top.

    `former` was its price. What was paid beyond that one is not of this change.
    """
    booking = locked.booking
    if booking.price >= former or not booking.paid_online or booking.order_line_id is None:
        return
    line = await session.get_one(OrderLine, booking.order_line_id)
    too_much = min(booking.paid_online, line.with_tax(former)) - line.with_tax(booking.price)
    await refund_booking(session, locked, too_much, actor=actor, viewer=viewer)


async def return_surplus(session: AsyncSession, booking_id: UUID) -> None:
    """Refund what was paid online of the rest although the desk had taken it. Once."""
    locked = await lock_with_order(session, await session.get_one(Booking, booking_id))
    await return_surplus_of(session, locked)


async def return_surplus_of(session: AsyncSession, locked: OrderedBooking) -> None:
    """Refund the surplus of a booking that is locked.

    A cancellation and a move do it first, before the job: the terms are not for the surplus.
    """
    booking = locked.booking
    if booking.paid_balance and booking.balance_line_id is not None:
        rest = await session.get_one(OrderLine, booking.balance_line_id)
        surplus = surplus_of(booking, rest)
        await refund_booking(session, locked, surplus, actor=OrderActor.PLATFORM)


async def settle_no_show(session: AsyncSession, booking_id: UUID, ended_at: datetime) -> None:
    """Refund what the terms do not keep of a no-show that was not undone in time."""
    found = await session.get(Booking, booking_id)
    if found is None:
        return
    locked = await lock_with_order(session, found)
    booking = locked.booking
    if booking.state is not BookingState.NO_SHOW or booking.ended_at != ended_at:
        return
    if booking.order_line_id is None:
        return
    line = await session.get_one(OrderLine, booking.order_line_id)
    rest = booking.paid_online - line.with_tax(booking.no_show_fee)
    await refund_booking(session, locked, rest, actor=OrderActor.PLATFORM)

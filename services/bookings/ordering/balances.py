"""The rest of the price of a confirmed booking, which its customer pays online before the visit.

The desk can take it meanwhile: money that comes is counted up to what is due then, and the surplus
goes back.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam
from sqlmodel import col, select, update

from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import Booking, BookingHoldExpired, BookingState
from models.bookings.claims import SlotTaken
from models.orders.lines import OrderLine
from services import jobs
from services.bookings.announcing import announce

BALANCE_KEPT = {BookingState.CONFIRMED, BookingState.COMPLETED}
OF_BALANCES = Statement(
    for_change(
        select(*columns_of(Booking))
        .where(any_of(col(Booking.balance_line_id)))
        .order_by(col(Booking.id))
    ),
    Booking,
)
_BOOKING = col(Booking.id) == bindparam("booking_id", type_=Uuid())
ORDER = Statement(
    update(Booking).where(_BOOKING).values(balance_line_id=bindparam("line_id", type_=Uuid()))
)
PAY = Statement(
    update(Booking)
    .where(_BOOKING)
    .values(
        due_balance=bindparam("due", type_=BigInteger()),
        paid_balance=bindparam("amount", type_=BigInteger()),
        paid_online=col(Booking.paid_online) + bindparam("amount", type_=BigInteger()),
    )
)
REFUND = Statement(
    update(Booking)
    .where(any_of(col(Booking.balance_line_id)))
    .values(paid_online=col(Booking.paid_online) - col(Booking.paid_balance), paid_balance=0)
)
GIVE_UP = Statement(
    update(Booking)
    .where(any_of(col(Booking.balance_line_id)), col(Booking.paid_balance) == 0)
    .values(balance_line_id=None)
)


def can_pay_balance(booking: Booking) -> bool:
    """Return whether the rest can be ordered: a deposit was paid, and no order has the rest."""
    is_open = booking.balance_line_id is None and booking.order_line_id is not None
    return is_open and booking.state is BookingState.CONFIRMED and booking.due_at_visit > 0


async def order_balance(unit: UnitOfWork, booking: Booking, line_id: UUID) -> None:
    """Give the rest of a locked booking to an order. Raises `BookingHoldExpired`."""
    if not can_pay_balance(booking):
        raise BookingHoldExpired(field=["bookingIds"])
    await ORDER.execute(await connection_of(unit), booking_id=booking.id, line_id=line_id)
    announce(unit, booking)


async def pay_balances(unit: UnitOfWork, lines: Sequence[OrderLine]) -> None:
    """Count the totals of paid lines. Twice changes nothing.

    What was due is a part of the price, which is paid with its taxes and discounts. Raises
    `SlotTaken` for a booking that was cancelled, or whose customer did not come: the money
    goes back.
    """
    connection, paid = await connection_of(unit), {line.id: line for line in lines}
    for booking in await OF_BALANCES.fetch(connection, **{KEYS: sorted(paid)}):
        is_counted = booking.paid_balance or booking.due_balance
        if is_counted or booking.balance_line_id is None:
            continue
        if booking.state not in BALANCE_KEPT:
            raise SlotTaken
        line = paid[booking.balance_line_id]
        due = min(line.goods, booking.due_at_visit)
        await PAY.execute(connection, booking_id=booking.id, due=due, amount=line.total)
        if due < line.goods:
            await jobs.defer(unit, "return_booking_surplus", booking_id=booking.id)
        announce(unit, booking)


async def refund_balances(unit: UnitOfWork, line_ids: Sequence[UUID]) -> None:
    """Count nothing of lines that are refunded as paid."""
    connection = await connection_of(unit)
    for booking in await OF_BALANCES.fetch(connection, **{KEYS: line_ids}):
        announce(unit, booking)
    await REFUND.execute(connection, **{KEYS: line_ids})


async def give_up_balances(unit: UnitOfWork, lines: Sequence[OrderLine]) -> None:
    """Let the rest be ordered again: the order has ended without money."""
    line_ids = sorted(line.id for line in lines)
    connection = await connection_of(unit)
    for booking in await OF_BALANCES.fetch(connection, **{KEYS: line_ids}):
        announce(unit, booking)
    await GIVE_UP.execute(connection, **{KEYS: line_ids})

"""Held bookings as lines of orders: the rules that orders call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam
from sqlmodel import case, col, func, or_, select, update

from core.clock import now
from core.database import for_change
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.bookings import (
    OCCUPYING,
    Booking,
    BookingHoldExpired,
    BookingState,
    CancelledBy,
)
from models.bookings.claims import SlotTaken
from models.errors import NotFound
from models.orders.lines import OrderLine
from models.orders.orders import Order
from services import jobs
from services.bookings.announcing import announce
from services.bookings.holding.claims import keep_claims
from services.bookings.holding.confirming import become_confirmed
from services.bookings.holding.ending import end_bookings
from services.bookings.holding.retaking import retake_time
from services.bookings.ordering.balances import (
    give_up_balances,
    order_balance,
    pay_balances,
    refund_balances,
)
from services.bookings.ordering.goodwill import lower_to
from services.bookings.ordering.pricing import price_bookings
from services.bookings.waiting.states import mark_booked
from services.orders.kinds import LineUnits, Priced, Wanted
from services.viewer import Viewer

FIELD = ["bookingIds"]
BOOKINGS = Statement(
    for_change(
        select(*columns_of(Booking)).where(any_of(col(Booking.id))).order_by(col(Booking.id))
    ),
    Booking,
)
OF_LINES = Statement(
    for_change(
        select(*columns_of(Booking))
        .where(any_of(col(Booking.order_line_id)))
        .order_by(col(Booking.id))
    ),
    Booking,
)
ORDER = Statement(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking_id", type_=Uuid()))
    .values(
        state=BookingState.PENDING_PAYMENT,
        order_line_id=bindparam("line_id", type_=Uuid()),
        expires_at=None,
        hard_until=None,
    )
)
PAY = Statement(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking_id", type_=Uuid()))
    .values(paid_online=bindparam("amount", type_=BigInteger()))
)
REFUND = Statement(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking_id", type_=Uuid()))
    .values(paid_online=col(Booking.paid_balance))
)
_IS_LIVE = col(Booking.state).in_(sorted(OCCUPYING))
OVER_AT = Statement(
    select(
        func.max(case((_IS_LIVE, col(Booking.ends_at)), else_=col(Booking.ended_at))).label("over")
    )
    .join(
        OrderLine,
        or_(
            col(OrderLine.id) == col(Booking.order_line_id),
            col(OrderLine.id) == col(Booking.balance_line_id),
        ),
    )
    .where(col(OrderLine.suborder_id) == bindparam("suborder_id", type_=Uuid()))
)


class BookedTimes:
    """The rules of bookings. A wanted thing is a booking, and what is paid online is its line."""

    async def price(self, unit: UnitOfWork, viewer: Viewer, wanted: Sequence[Wanted]) -> Priced:
        return await price_bookings(unit, viewer, wanted)

    async def take(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Let bookings follow the order: only its end frees their times.

        Those of an order that is paid late are its own already, and `line_paid` takes their times
        again. Of a confirmed booking it is the rest. Raises `NotFound` and `BookingHoldExpired`.
        """
        connection, moment = await connection_of(unit), now()
        known = await OF_LINES.fetch(connection, **{KEYS: [line.id for line in lines]})
        taken = {one.order_line_id for one in known}
        line_ids = {line.ref_id: line.id for line in lines if line.id not in taken}
        bookings = await BOOKINGS.fetch(connection, **{KEYS: sorted(line_ids)})
        own = [one for one in bookings if one.user_id == order.user_id]
        if len(own) < len(line_ids):
            raise NotFound(field=FIELD)
        for booking in own:
            if booking.state is BookingState.CONFIRMED:
                await order_balance(unit, booking, line_ids[booking.id])
                continue
            if not booking.is_held(moment):
                raise BookingHoldExpired(field=FIELD)
            await ORDER.execute(connection, booking_id=booking.id, line_id=line_ids[booking.id])
            await mark_booked(unit, booking.wait_id)
            announce(unit, booking)
        await keep_claims(unit, sorted(line_ids), until=None)

    async def line_paid(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Confirm the bookings, in the transaction that confirms the order. Twice changes nothing.

        One that expired takes its time again, the same or none. Raises `SlotTaken` if that is
        taken or over, or the booking was cancelled: the money goes back.
        """
        connection = await connection_of(unit)
        totals = {line.id: line.total for line in lines}
        for booking in await OF_LINES.fetch(connection, **{KEYS: sorted(totals)}):
            if booking.state is BookingState.CONFIRMED or booking.order_line_id is None:
                continue
            await _ensure_time(unit, booking)
            await become_confirmed(unit, booking)
            amount = totals[booking.order_line_id]
            await PAY.execute(connection, booking_id=booking.id, amount=amount)
            await jobs.defer(unit, "announce_paid_booking", booking_id=booking.id)
        await pay_balances(unit, lines)
        await jobs.defer(unit, "deliver_on_site", order_id=order.id)

    async def line_failed(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Give the times of bookings back. A second call gives none."""
        bookings = await _fetch_in(unit, lines, BookingState.PENDING_PAYMENT)
        await end_bookings(unit, bookings, BookingState.EXPIRED)
        await give_up_balances(unit, lines)

    async def line_refunded(
        self, unit: UnitOfWork, order: Order, units: Sequence[LineUnits]
    ) -> None:
        """Count nothing of the lines as paid, so that it is not refunded again.

        A refund never ends a booking, `cancelBooking` does.
        """
        connection = await connection_of(unit)
        lines = sorted({one.line.id for one in units})
        for booking in await OF_LINES.fetch(connection, **{KEYS: lines}):
            await REFUND.execute(connection, booking_id=booking.id)
            announce(unit, booking)
        await refund_balances(unit, lines)

    async def goodwill_granted(self, unit: UnitOfWork, left: Mapping[UUID, int]) -> None:
        """Let bookings show at most what is left of their part as paid.

        Goodwill is for no line. What it takes of the bookings of a part is shared by what was paid
        for each.
        """
        await lower_to(unit, left)

    async def over_at(self, unit: UnitOfWork, suborder_id: UUID) -> datetime | None:
        """Return the end of the last visit. One that was cancelled is over."""
        rows = await OVER_AT.fetch(await connection_of(unit), suborder_id=suborder_id)
        over: datetime | None = rows[0]["over"]
        return over

    async def take_back(self, unit: UnitOfWork, order: Order, units: Sequence[LineUnits]) -> None:
        """Cancel the bookings of lines that the vendor cancels, so that others can have them.

        The rest that was paid by another order goes back as well.
        """
        lines = [one.line for one in units]
        bookings = await _fetch_in(unit, lines, BookingState.CONFIRMED)
        await end_bookings(unit, bookings, BookingState.CANCELLED, by=CancelledBy.VENDOR)
        for booking in bookings:
            if booking.paid_balance:
                await jobs.defer(unit, "return_booking_surplus", booking_id=booking.id)


async def _fetch_in(
    unit: UnitOfWork, lines: Sequence[OrderLine], state: BookingState
) -> list[Booking]:
    """Return the bookings of lines that are in a state, locked."""
    connection = await connection_of(unit)
    found = await OF_LINES.fetch(connection, **{KEYS: [line.id for line in lines]})
    return [one for one in found if one.state is state]


async def _ensure_time(unit: UnitOfWork, booking: Booking) -> None:
    """Take the time of a booking again if it was given up. Raises `SlotTaken`."""
    if booking.state is BookingState.PENDING_PAYMENT:
        return
    is_late = booking.state is BookingState.EXPIRED and booking.starts_at > now()
    if not is_late or not await retake_time(unit, booking):
        raise SlotTaken

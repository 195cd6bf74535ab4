"""Bookings in orders: held until the order is paid, then confirmed, or given back."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.bookings.bookings import (
    Booking,
    BookingHoldExpired,
    BookingState,
    InvalidBookingState,
)
from models.errors import NotFound
from models.notifications.inbox import NotificationKind
from services.bookings.announcing import announce
from services.bookings.holding.claims import keep_claims
from services.bookings.holding.confirming import become_confirmed, needs_answer
from services.bookings.holding.ending import end_bookings
from services.bookings.holding.retaking import retake_time
from services.bookings.intake.answering import ensure_answered
from services.bookings.notices import notify_parties
from services.viewer import Viewer


async def lock_payable(
    session: AsyncSession, viewer: Viewer, booking_ids: Sequence[UUID]
) -> list[Booking]:
    """Return bookings of the viewer that can be ordered, locked in the order of their ids.

    Raises `NotFound`, `BookingHoldExpired`, `BookingAnswersMissing`, and `InvalidBookingState` for
    one that the vendor has to approve first, or of which nothing is paid online.
    """
    own = Booking.user_id == viewer.require_user()
    rows = select(Booking).where(col(Booking.id).in_(booking_ids), own).order_by(col(Booking.id))
    bookings = list((await session.exec(for_change(rows))).all())
    if len(bookings) < len(set(booking_ids)):
        raise NotFound
    moment = now()
    for booking in bookings:
        if not booking.is_held(moment):
            raise BookingHoldExpired
        if booking.due_online == 0 or await needs_answer(session, booking):
            raise InvalidBookingState
        await ensure_answered(session, booking)
    return bookings


async def await_payment(session: AsyncSession, booking: Booking, order_line_id: UUID) -> None:
    """Let a booking that is locked follow an order: only the order's end frees its time."""
    booking.ensure_can_become(BookingState.PENDING_PAYMENT)
    booking.state, booking.order_line_id = BookingState.PENDING_PAYMENT, order_line_id
    booking.expires_at = booking.hard_until = None
    await session.flush()
    await keep_claims(session, [booking.id], until=None)
    announce(session, booking)


async def free_unpaid(session: AsyncSession, booking_ids: Sequence[UUID]) -> None:
    """End the bookings of an order that was not paid, and give their times back."""
    await session.flush()
    rows = select(Booking).where(
        col(Booking.id).in_(booking_ids), Booking.state == BookingState.PENDING_PAYMENT
    )
    ordered = rows.order_by(col(Booking.id))
    bookings = (await session.exec(for_change(ordered))).all()
    await end_bookings(session, bookings, BookingState.EXPIRED)
    for booking in bookings:
        await session.refresh(booking)


async def confirm_paid(session: AsyncSession, booking: Booking) -> bool:
    """Confirm a booking that is locked, once its order is paid. Returns whether it is confirmed.

    If the money came late, it takes the same time again. False means that this is taken, or that
    the booking was cancelled: then the money goes back.
    """
    if booking.state is BookingState.CONFIRMED:
        return True
    if booking.state is BookingState.EXPIRED:
        retaken = booking.starts_at > now() and await retake_time(session, booking)
        if not retaken:
            return False
    elif booking.state is not BookingState.PENDING_PAYMENT:
        return False
    await become_confirmed(session, booking)
    await notify_parties(
        session,
        booking,
        customer=NotificationKind.BOOKING_CONFIRMED,
        members=NotificationKind.BOOKING_MADE,
    )
    return True

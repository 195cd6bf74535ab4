"""Confirmed bookings at the visit: the customer arrives, or does not."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.audit import AuditAct
from models.bookings.bookings import (
    ARRIVAL_HOURS,
    OVER_HOURS,
    UNDO_DAYS,
    Booking,
    BookingState,
    InvalidBookingState,
)
from models.bookings.classes import ClassMeeting, MeetingState
from models.notifications.inbox import NotificationKind
from services import jobs
from services.audit import entries as audit
from services.bookings.announcing import announce
from services.bookings.holding.access import lock_customers_booking
from services.bookings.holding.claims import free_claims, free_claims_of_meetings
from services.bookings.holding.retaking import retake_time
from services.bookings.notices import notify_customer
from services.bookings.waiting.freeing import serve_freed_times
from services.viewer import Viewer

BATCH_SIZE = 100


async def mark_arrived(session: AsyncSession, viewer: Viewer, *, booking_id: UUID) -> Booking:
    """Note that the customer of a confirmed booking is here, from twelve hours before its start.

    Raises `InvalidBookingState`.
    """
    booking = await lock_customers_booking(session, viewer, booking_id)
    if booking.state is not BookingState.CONFIRMED:
        raise InvalidBookingState
    if booking.arrived_at is None:
        moment = now()
        if moment < booking.starts_at - timedelta(hours=ARRIVAL_HOURS):
            raise InvalidBookingState("This booking is on another day.")
        booking.arrived_at = moment
        announce(session, booking)
    return booking


async def complete_booking(session: AsyncSession, viewer: Viewer, *, booking_id: UUID) -> Booking:
    """End a visit. What is left of its time is free for others.

    That is from the start on, and for a customer who has arrived from an hour before it: an earlier
    visit is a booking of an earlier time, which frees this one and moves its terms. A no-show
    becomes one that has come, within seven days. Raises `InvalidBookingState`.
    """
    booking = await lock_customers_booking(session, viewer, booking_id)
    if booking.state is BookingState.COMPLETED:
        return booking
    if booking.state is BookingState.NO_SHOW:
        _ensure_recent(booking)
    elif now() < booking.complete_from():
        raise InvalidBookingState("This booking has not begun yet.")
    await _end(session, booking, BookingState.COMPLETED)
    audit.append(session, viewer, AuditAct.COMPLETE_BOOKING, subject_id=booking_id)
    return booking


async def mark_no_show(session: AsyncSession, viewer: Viewer, *, booking_id: UUID) -> Booking:
    """Note that the customer did not come, from ten minutes after the start. The time is free.

    Raises `InvalidBookingState` for one who has arrived, and for one that ended long ago.
    """
    booking = await lock_customers_booking(session, viewer, booking_id)
    if booking.state is BookingState.NO_SHOW:
        return booking
    if now() < booking.no_show_from():
        raise InvalidBookingState("Wait until ten minutes after the start.")
    if booking.arrived_at is not None:
        raise InvalidBookingState("The customer has arrived.")
    if booking.state is BookingState.COMPLETED:
        _ensure_recent(booking)
    await _end(session, booking, BookingState.NO_SHOW)
    if booking.paid_online:
        await _defer_refund(session, booking)
    audit.append(session, viewer, AuditAct.MARK_NO_SHOW, subject_id=booking_id)
    await notify_customer(session, booking, NotificationKind.BOOKING_NO_SHOW)
    return booking


async def undo_no_show(session: AsyncSession, viewer: Viewer, *, booking_id: UUID) -> Booking:
    """Take a no-show back, within seven days: the customer came late, or it was a mistake.

    The booking is confirmed again if it is not over and its time is still free, else completed.
    Raises `InvalidBookingState`.
    """
    booking = await lock_customers_booking(session, viewer, booking_id)
    if booking.state in {BookingState.CONFIRMED, BookingState.COMPLETED}:
        return booking
    booking.ensure_can_become(BookingState.CONFIRMED)
    _ensure_recent(booking)
    if not booking.is_over(now()) and await retake_time(session, booking):
        booking.state, booking.ended_at = BookingState.CONFIRMED, None
        announce(session, booking)
    else:
        await _end(session, booking, BookingState.COMPLETED)
    audit.append(session, viewer, AuditAct.UNDO_NO_SHOW, subject_id=booking_id)
    return booking


async def complete_past(session: AsyncSession) -> bool:
    """Complete up to 100 bookings that were over half a day ago, and are still CONFIRMED.

    Unless a member notes a no-show, the customer came. Returns whether there may be more.
    """
    over = col(Booking.ends_at) <= now() - timedelta(hours=OVER_HOURS)
    rows = (
        select(Booking)
        .where(over, Booking.state == BookingState.CONFIRMED)
        .order_by(col(Booking.id))
        .limit(BATCH_SIZE)
    )
    bookings = (await session.exec(for_change(rows, skip_locked=True))).all()
    for booking in bookings:
        await _end(session, booking, BookingState.COMPLETED)
    return len(bookings) == BATCH_SIZE


async def end_meetings(session: AsyncSession) -> bool:
    """End up to 100 meetings that are over. Returns whether there may be more."""
    over = ClassMeeting.state == MeetingState.SCHEDULED, ClassMeeting.ends_at <= now()
    rows = select(ClassMeeting).where(*over).order_by(col(ClassMeeting.id)).limit(BATCH_SIZE)
    meetings = (await session.exec(for_change(rows, skip_locked=True))).all()
    for meeting in meetings:
        meeting.state = MeetingState.ENDED
    await free_claims_of_meetings(session, [one.id for one in meetings])
    return len(meetings) == BATCH_SIZE


async def _defer_refund(session: AsyncSession, booking: Booking) -> None:
    """Refund what the terms do not keep once the no-show cannot be undone: nothing is reversed."""
    ended_at = booking.ended_at or now()
    await jobs.defer(
        session,
        "settle_no_show",
        at=ended_at + timedelta(days=UNDO_DAYS),
        booking_id=booking.id,
        ended_at=ended_at.isoformat(),
    )


def _ensure_recent(booking: Booking) -> None:
    """Raise `InvalidBookingState` if a visit ended more than seven days ago."""
    if booking.ended_at is None or booking.ended_at < now() - timedelta(days=UNDO_DAYS):
        raise InvalidBookingState("This booking ended more than seven days ago.")


async def _end(session: AsyncSession, booking: Booking, state: BookingState) -> None:
    """End a visit. It keeps its seat of a meeting, which has begun."""
    booking.ensure_can_become(state)
    await free_claims(session, [booking.id])
    if not booking.is_over(now()):
        await serve_freed_times(session, [booking])
    booking.state, booking.ended_at = state, now()
    announce(session, booking)

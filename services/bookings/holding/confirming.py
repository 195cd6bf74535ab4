"""The confirmation of bookings: at once if nothing is due, or after an answer of the vendor."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import (
    REQUEST_HOURS,
    Booking,
    BookingHoldExpired,
    BookingSource,
    BookingState,
)
from models.bookings.drafts import BookingUnpaid
from models.bookings.services import Service
from models.notifications.inbox import NotificationKind
from services import jobs
from services.bookings.announcing import announce
from services.bookings.holding.access import access_own_booking
from services.bookings.holding.claims import keep_claims
from services.bookings.intake.answering import ensure_answered
from services.bookings.notices import notify_members_of, notify_parties
from services.bookings.reminding.planning import plan_reminders
from services.viewer import Viewer


async def confirm_booking(session: AsyncSession, viewer: Viewer, *, booking_id: UUID) -> Booking:
    """Confirm a held booking, or ask the vendor for an answer if the service needs one.

    One that is confirmed or to be answered already stays as it is. Raises `BookingHoldExpired`,
    `BookingAnswersMissing`, and `BookingUnpaid` if a part is paid online.
    """
    booking = await access_own_booking(session, viewer, booking_id)
    if booking.state in {BookingState.CONFIRMED, BookingState.REQUESTED}:
        return booking
    if not booking.is_held(now()):
        raise BookingHoldExpired
    await ensure_answered(session, booking)
    if await needs_answer(session, booking):
        await _request(session, booking)
    elif booking.due_online:
        raise BookingUnpaid
    else:
        await become_confirmed(session, booking)
        await notify_parties(
            session,
            booking,
            customer=NotificationKind.BOOKING_CONFIRMED,
            members=NotificationKind.BOOKING_MADE,
        )
    return booking


async def needs_answer(session: AsyncSession, booking: Booking) -> bool:
    """Return whether the vendor has to approve a booking before it is confirmed or ordered."""
    if booking.approved_at is not None or booking.source is BookingSource.DESK:
        return False
    service = await session.get_one(Service, booking.service_id)
    return service.needs_approval


async def become_confirmed(session: AsyncSession, booking: Booking) -> None:
    """Confirm a booking that is locked and has its time. Nothing takes that away by itself.

    Whatever follows a confirmation begins here, however it came about.
    """
    booking.ensure_can_become(BookingState.CONFIRMED)
    booking.state, booking.confirmed_at = BookingState.CONFIRMED, now()
    booking.expires_at = booking.hard_until = booking.ended_at = None
    await session.flush()
    await keep_claims(session, [booking.id], until=None)
    await plan_reminders(session, booking)
    announce(session, booking)


async def _request(session: AsyncSession, booking: Booking) -> None:
    """Let the vendor answer until two days from now, or the start."""
    booking.ensure_can_become(BookingState.REQUESTED)
    until = min(now() + timedelta(hours=REQUEST_HOURS), booking.starts_at)
    booking.state = BookingState.REQUESTED
    await postpone_end(session, booking, until)
    await notify_members_of(session, booking, NotificationKind.BOOKING_REQUESTED)


async def postpone_end(session: AsyncSession, booking: Booking, until: datetime) -> None:
    """Let a booking and its claims expire at a time."""
    booking.expires_at = booking.hard_until = until
    await session.flush()
    await keep_claims(session, [booking.id], until)
    await jobs.defer(session, "end_booking_hold", at=until, booking_id=booking.id)
    announce(session, booking)

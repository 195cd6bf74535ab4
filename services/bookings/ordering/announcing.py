"""Notices of bookings whose orders were paid."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.bookings import BookingState
from models.notifications.inbox import NotificationKind
from services.bookings.holding.access import lock_booking
from services.bookings.notices import notify_parties


async def announce_paid(session: AsyncSession, booking_id: UUID) -> None:
    """Notify the customer and the members of a booking that is confirmed, once."""
    booking = await lock_booking(session, booking_id)
    if booking.state is BookingState.CONFIRMED:
        await notify_parties(
            session,
            booking,
            customer=NotificationKind.BOOKING_CONFIRMED,
            members=NotificationKind.BOOKING_MADE,
        )

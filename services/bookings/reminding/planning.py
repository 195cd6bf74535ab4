"""The plan of reminders: a job for each, which does nothing if the booking has changed."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.bookings.setting_up.reminders import reminders_to_come
from services import jobs
from services.bookings.reminding.rules import find_reminders

BATCH_SIZE = 200


async def plan_for(session: AsyncSession, booking_id: UUID) -> None:
    """Plan the reminders of a booking, if it is still there."""
    booking = await session.get(Booking, booking_id)
    if booking is not None:
        await plan_reminders(session, booking)


async def plan_reminders(session: AsyncSession, booking: Booking) -> None:
    """Plan the reminders of a booking that was confirmed or moved. Another plan repeats none."""
    if booking.state is not BookingState.CONFIRMED:
        return
    found = await find_reminders(session, booking.vendor_id, booking.service_id)
    for minutes, at in reminders_to_come(found.minutes, booking.starts_at, now()):
        await jobs.defer(
            session,
            "remind_of_booking",
            at=at,
            booking_id=booking.id,
            revision=booking.revision,
            minutes=minutes,
        )


async def plan_again(session: AsyncSession, vendor_id: UUID, after: UUID) -> UUID | None:
    """Plan the reminders of a batch of a vendor's bookings to come, after its choice changed.

    Returns the last booking of the batch, None after the last one.
    """
    rows = select(Booking).where(
        Booking.vendor_id == vendor_id,
        Booking.state == BookingState.CONFIRMED,
        Booking.starts_at > now(),
        Booking.id > after,
    )
    bookings = (await session.exec(rows.order_by(col(Booking.id)).limit(BATCH_SIZE))).all()
    for booking in bookings:
        await plan_reminders(session, booking)
    return bookings[-1].id if len(bookings) == BATCH_SIZE else None

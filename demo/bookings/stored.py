"""Does with stored bookings what their services do: plans reminders, and the ends of holds."""

from sqlmodel.ext.asyncio.session import AsyncSession

from demo.dataset import Dataset
from services import jobs
from services.bookings.reminding.planning import plan_for


async def defer_bookings(session: AsyncSession, dataset: Dataset) -> None:
    for practice in dataset.practices:
        for booking in practice.bookings:
            if booking.expires_at is not None:
                at = booking.expires_at
                await jobs.defer(session, "end_booking_hold", at=at, booking_id=booking.id)
            elif booking.starts_at > dataset.now:
                await plan_for(session, booking.id)

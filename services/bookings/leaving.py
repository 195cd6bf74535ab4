"""Bookings and waits of an account that is erased: their times are free for others."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.bookings.bookings import Booking, BookingState
from models.bookings.waits import BookingWait, BookingWaitState
from services.bookings.cancelling import end_as_cancelled
from services.bookings.holding.opening import lock_user
from services.bookings.waiting.entries import announce_waits

BATCH_SIZE = 100
TO_COME = (BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED)


async def leave_bookings(session: AsyncSession, user_id: UUID) -> bool:
    """Cancel bookings to come of a user, and notify their vendors. Returns whether there are more.

    No money goes back: while an order is open, the account is not erased.
    """
    await lock_user(session, user_id)
    rows = (
        select(Booking)
        .where(
            Booking.user_id == user_id,
            col(Booking.state).in_(TO_COME),
            Booking.starts_at > now(),
        )
        .order_by(col(Booking.id))
        .limit(BATCH_SIZE)
    )
    found = (await session.exec(for_change(rows))).all()
    for booking in found:
        await end_as_cancelled(session, booking, None, by_vendor=False)
    return len(found) == BATCH_SIZE


async def leave_waits(session: AsyncSession, user_id: UUID) -> bool:
    """End waits of a user for times. Returns whether there are more."""
    await lock_user(session, user_id)
    rows = (
        select(BookingWait)
        .where(BookingWait.user_id == user_id, col(BookingWait.ended_at).is_(None))
        .order_by(col(BookingWait.id))
        .limit(BATCH_SIZE)
    )
    found = (await session.exec(for_change(rows))).all()
    for wait in found:
        wait.end(BookingWaitState.LEFT, now())
    announce_waits(session, found)
    return len(found) == BATCH_SIZE

"""Notices about waits, to those who waited."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.waits import BookingWait
from models.identity.accounts import User
from models.notifications.inbox import NotificationKind
from services.notifications.inbox import notify


async def notify_lapsed(session: AsyncSession, wait_id: UUID) -> None:
    """Notify a user whose wait has lapsed. An erased account has no inbox any more."""
    wait = await session.get_one(BookingWait, wait_id)
    user = await session.get_one(User, wait.user_id)
    if not user.is_erased:
        await notify(session, user.id, NotificationKind.BOOKING_WAIT_LAPSED, wait.id)

"""Notices about waitlists, to those who waited."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.selling.waitlist import WaitlistEntry
from models.identity.accounts import User
from models.notifications.inbox import NotificationKind
from services.notifications.inbox import notify


async def notify_lapsed(session: AsyncSession, entry_id: UUID) -> None:
    """Notify a user whose entry has lapsed. An erased account has no inbox any more."""
    entry = await session.get_one(WaitlistEntry, entry_id)
    user = await session.get_one(User, entry.user_id)
    if not user.is_erased:
        await notify(session, user.id, NotificationKind.WAITLIST_LAPSED, entry.id)

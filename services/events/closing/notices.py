"""Notices to those who have tickets of a date that was changed."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.date_changes import DateChange, DateChangeKind
from models.events.tickets import Ticket
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.notifications.inbox import Notice, notify_all

KINDS = {
    DateChangeKind.CANCELLED: NotificationKind.EVENT_DATE_CANCELLED,
    DateChangeKind.POSTPONED: NotificationKind.EVENT_DATE_POSTPONED,
    DateChangeKind.MOVED: NotificationKind.EVENT_DATE_MOVED,
}


async def tell_holders(
    session: AsyncSession, change: DateChange, tickets: Sequence[Ticket]
) -> None:
    """Notify the holders of tickets, each once for a change. Erased ones have no inbox."""
    kind = KINDS[change.kind]
    known = select(Notification.user_id).where(
        Notification.kind == kind,
        Notification.subject_id == change.event_date_id,
        Notification.up_to_sequence == change.revision,
    )
    rows = select(User).where(
        col(User.id).in_({one.holder_id for one in tickets}), col(User.id).not_in(known)
    )
    holders = [one for one in await session.exec(rows) if not one.is_erased]
    subject = change.event_date_id, change.revision
    await notify_all(session, [Notice(one.id, kind, *subject) for one in holders])

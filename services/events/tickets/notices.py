"""Notices about tickets, sent by jobs after the commit."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.tickets import Ticket, TicketState
from models.identity.accounts import User
from models.notifications.inbox import NotificationKind
from services.notifications import inbox


async def notify_of_cancelled(session: AsyncSession, ticket_id: UUID) -> None:
    """Notify the holder of a ticket that it was cancelled."""
    ticket = await session.get_one(Ticket, ticket_id)
    if ticket.state is TicketState.CANCELLED and ticket.holder_id is not None:
        await notify_user(session, ticket.holder_id, NotificationKind.TICKET_CANCELLED, ticket_id)


async def notify_user(
    session: AsyncSession, user_id: UUID, kind: NotificationKind, subject_id: UUID
) -> None:
    """Notify a user. An erased one has no inbox any more."""
    if not (await session.get_one(User, user_id)).is_erased:
        await inbox.notify(session, user_id, kind, subject_id)

"""Notices about tickets to their holders."""

from uuid import UUID

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.tickets import Ticket, TicketState
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.notifications import inbox


async def notify_of_cancelled(session: AsyncSession, ticket_id: UUID) -> None:
    """Notify the holder of a ticket that it was cancelled."""
    ticket = await session.get_one(Ticket, ticket_id)
    if ticket.state is TicketState.CANCELLED and ticket.holder_id is not None:
        await notify_user(session, ticket.holder_id, NotificationKind.TICKET_CANCELLED, ticket_id)


async def notify_of_seat(session: AsyncSession, ticket: Ticket) -> None:
    """Notify the holder of a ticket, which is locked, that it has another seat."""
    kind, user_id = NotificationKind.TICKET_RESEATED, ticket.holder_id
    if user_id is None:
        return
    sent = select(func.coalesce(func.max(Notification.up_to_sequence), 0)).where(
        Notification.user_id == user_id,
        Notification.kind == kind,
        Notification.subject_id == ticket.id,
    )
    number = (await session.exec(sent)).one() + 1
    await notify_user(session, user_id, kind, ticket.id, number)


async def notify_user(
    session: AsyncSession,
    user_id: UUID,
    kind: NotificationKind,
    subject_id: UUID,
    number: int = 0,
) -> None:
    """Notify a user. An erased one has no inbox any more."""
    if not (await session.get_one(User, user_id)).is_erased:
        await inbox.notify(session, user_id, kind, subject_id, up_to_sequence=number)

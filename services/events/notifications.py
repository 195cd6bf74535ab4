"""Notifications about tickets. They name the event, and no attendee."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.base import localized
from models.events.dates import EventDate
from models.events.events import Event
from models.events.tickets import Ticket, TicketTransfer, TransferState
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted


async def _cancelled(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    ticket = await session.get_one(Ticket, notification.subject_id)
    body = UserMessage(
        "Your ticket for {event} was cancelled. Its code is not valid any more.",
        event=await event_title(session, ticket, user),
    )
    return NotificationText.of(UserMessage("A ticket was cancelled"), body, [user.locale])


async def _received(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    transfer = await session.get_one(TicketTransfer, notification.subject_id)
    ticket = await session.get_one(Ticket, transfer.ticket_id)
    body = UserMessage(
        "Another user gives you a ticket for {event}. Open the app to accept it.",
        event=await event_title(session, ticket, user),
    )
    return NotificationText.of(UserMessage("You can have a ticket"), body, [user.locale])


async def _ended(session: AsyncSession, notification: Notification, user: User) -> NotificationText:
    transfer = await session.get_one(TicketTransfer, notification.subject_id)
    ticket = await session.get_one(Ticket, transfer.ticket_id)
    title = await event_title(session, ticket, user)
    if transfer.state is TransferState.ACCEPTED:
        body = UserMessage(
            "Your ticket for {event} was accepted. Its former code is not valid any more.",
            event=title,
        )
    else:
        body = UserMessage("Your ticket for {event} was not accepted, so you keep it.", event=title)
    return NotificationText.of(UserMessage("Your ticket transfer has ended"), body, [user.locale])


async def event_title(session: AsyncSession, ticket: Ticket, user: User) -> str:
    """Return the title of the event of a ticket, quoted, in the language of a user."""
    date = await session.get_one(EventDate, ticket.event_date_id)
    event = await session.get_one(Event, date.event_id)
    title = localized(event.title, [user.locale], event.locale)
    return quoted(title, otherwise=translate(UserMessage("an event"), [user.locale]))


KINDS = [
    DeclaredKind(
        NotificationKind.TICKET_CANCELLED,
        "A ticket of the user was cancelled by another, such as a member of the vendor.",
        subject="Ticket",
        compose=_cancelled,
    ),
    DeclaredKind(
        NotificationKind.TICKET_TRANSFER_RECEIVED,
        "Another user transfers a ticket to the user, who can accept it.",
        subject="TicketTransfer",
        compose=_received,
    ),
    DeclaredKind(
        NotificationKind.TICKET_TRANSFER_ENDED,
        "A transfer of a ticket by the user was accepted or declined, or its time is over.",
        subject="TicketTransfer",
        compose=_ended,
    ),
]

"""Notifications about tickets, and to those who wait for some. They name no attendee."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.base import localized
from models.events.dates import EventDate
from models.events.events import Event
from models.events.selling.holds import HoldState, TicketHold
from models.events.selling.waitlist import WaitlistEntry
from models.events.tickets import Ticket, TicketTransfer, TransferState
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted


async def _cancelled(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    ticket = await session.get_one(Ticket, notification.subject_id)
    body = UserMessage(
        "Your ticket for {event} was cancelled. Its code is not valid any more.",
        event=await event_title(session, ticket.event_date_id, user),
    )
    return NotificationText.of(UserMessage("A ticket was cancelled"), body, [user.locale])


async def _received(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    transfer = await session.get_one(TicketTransfer, notification.subject_id)
    ticket = await session.get_one(Ticket, transfer.ticket_id)
    body = UserMessage(
        "Another user gives you a ticket for {event}. Open the app to accept it.",
        event=await event_title(session, ticket.event_date_id, user),
    )
    return NotificationText.of(UserMessage("You can have a ticket"), body, [user.locale])


async def _ended(session: AsyncSession, notification: Notification, user: User) -> NotificationText:
    transfer = await session.get_one(TicketTransfer, notification.subject_id)
    ticket = await session.get_one(Ticket, transfer.ticket_id)
    title = await event_title(session, ticket.event_date_id, user)
    if transfer.state is TransferState.ACCEPTED:
        body = UserMessage(
            "Your ticket for {event} was accepted. Its former code is not valid any more.",
            event=title,
        )
    else:
        body = UserMessage("Your ticket for {event} was not accepted, so you keep it.", event=title)
    return NotificationText.of(UserMessage("Your ticket transfer has ended"), body, [user.locale])


async def _resold(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    ticket = await session.get_one(Ticket, notification.subject_id)
    body = UserMessage(
        "Your ticket for {event} was resold. Its code is not valid any more, and what it was sold"
        " for goes back to who had paid for it.",
        event=await event_title(session, ticket.event_date_id, user),
    )
    return NotificationText.of(UserMessage("Your ticket was resold"), body, [user.locale])


async def _reseated(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    ticket = await session.get_one(Ticket, notification.subject_id)
    body = UserMessage(
        "Your ticket for {event} is for another seat now. Open the app to see which. Its code stays"
        " valid, and a ticket that you have printed names the former seat.",
        event=await event_title(session, ticket.event_date_id, user),
    )
    return NotificationText.of(UserMessage("Your ticket has another seat"), body, [user.locale])


async def _held(session: AsyncSession, notification: Notification, user: User) -> NotificationText:
    hold = await session.get_one(TicketHold, notification.subject_id)
    body = UserMessage(
        "Tickets for {event} are held for you. Open the app to see until when, and order them.",
        event=await event_title(session, hold.event_date_id, user),
    )
    return NotificationText.of(UserMessage("Tickets are held for you"), body, [user.locale])


async def _lapsed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    entry = await session.get_one(WaitlistEntry, notification.subject_id)
    body = UserMessage(
        "The tickets for {event} that were held for you were not ordered. Join the waitlist again"
        " if you still want some.",
        event=await event_title(session, entry.event_date_id, user),
    )
    title = UserMessage("You are not on the waitlist any more")
    return NotificationText.of(title, body, [user.locale])


async def _find_skip_reason(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery if the hold has ended, or is part of an order."""
    hold = await session.get_one(TicketHold, notification.subject_id)
    return None if hold.state is HoldState.OPEN else SkipReason.NO_PART


async def event_title(session: AsyncSession, event_date_id: UUID, user: User) -> str:
    """Return the title of the event of a date, quoted, in the language of a user."""
    date = await session.get_one(EventDate, event_date_id)
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
    DeclaredKind(
        NotificationKind.TICKET_RESOLD,
        "A ticket that the user listed for resale was bought by a user of the waitlist.",
        subject="Ticket",
        compose=_resold,
    ),
    DeclaredKind(
        NotificationKind.TICKET_RESEATED,
        "A member of the vendor gave a ticket of the user another seat.",
        subject="Ticket",
        compose=_reseated,
    ),
    DeclaredKind(
        NotificationKind.WAITLIST_HOLD,
        "Tickets that the user has waited for are held for them, until a time.",
        subject="TicketHold",
        compose=_held,
        find_skip_reason=_find_skip_reason,
    ),
    DeclaredKind(
        NotificationKind.WAITLIST_LAPSED,
        "The user did not order tickets that were held for them twice, and is not on the waitlist"
        " any more.",
        subject="WaitlistEntry",
        compose=_lapsed,
    ),
]

"""Notifications about events, to those who wait for tickets."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.base import localized
from models.events.dates import EventDate
from models.events.events import Event
from models.events.holds import HoldState, TicketHold
from models.events.waitlist import WaitlistEntry
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted


async def _held(session: AsyncSession, notification: Notification, user: User) -> NotificationText:
    hold = await session.get_one(TicketHold, notification.subject_id)
    body = UserMessage(
        "Tickets for {event} are held for you. Open the app to see until when, and order them.",
        event=await _title(session, hold.event_date_id, user),
    )
    return NotificationText.of(UserMessage("Tickets are held for you"), body, [user.locale])


async def _lapsed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    entry = await session.get_one(WaitlistEntry, notification.subject_id)
    body = UserMessage(
        "The tickets for {event} that were held for you were not ordered. Join the waitlist again"
        " if you still want some.",
        event=await _title(session, entry.event_date_id, user),
    )
    title = UserMessage("You are not on the waitlist any more")
    return NotificationText.of(title, body, [user.locale])


async def _title(session: AsyncSession, event_date_id: UUID, user: User) -> str:
    date = await session.get_one(EventDate, event_date_id)
    event = await session.get_one(Event, date.event_id)
    title = localized(event.title, [user.locale], event.locale)
    return quoted(title, otherwise=translate(UserMessage("An event"), [user.locale]))


async def _find_skip_reason(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery if the hold has ended, or is part of an order."""
    hold = await session.get_one(TicketHold, notification.subject_id)
    return None if hold.state is HoldState.OPEN else SkipReason.NO_PART


KINDS = [
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

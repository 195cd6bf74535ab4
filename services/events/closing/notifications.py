"""Notifications about dates that do not take place as planned. They quote the event's title."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.base import localized
from models.events.dates import EventDate
from models.events.events import Event
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.i18n import translate
from services.notifications.kinds import Compose, DeclaredKind, NotificationText, quoted
from services.notifications.local_times import describe_time


def _about_date(title: UserMessage, body: UserMessage) -> Compose:
    """Return the function that composes texts about a date. `body` names the event and its day."""
    template = body.template

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        date = await session.get_one(EventDate, notification.subject_id)
        event = await session.get_one(Event, date.event_id)
        name = localized(event.title, [user.locale], event.locale)
        otherwise = translate(UserMessage("an event"), [user.locale])
        known = UserMessage(
            template,
            event=quoted(name, otherwise=otherwise),
            time=describe_time(
                date.local_start,
                date.starts_at,
                date.time_zone,
                own_zone=user.time_zone,
                locale=user.locale,
            ),
        )
        return NotificationText.of(title, known, [user.locale])

    return compose


KINDS = [
    DeclaredKind(
        NotificationKind.EVENT_DATE_CANCELLED,
        "A date that the user has tickets of is cancelled, and so are the tickets.",
        subject="EventDate",
        compose=_about_date(
            UserMessage("An event was cancelled"),
            UserMessage(
                "{event} on {time} does not take place, so your tickets are cancelled. Open the app"
                " to read more. Those who paid read there about their refund."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.EVENT_DATE_POSTPONED,
        "A date that the user has tickets of is postponed without a new time yet.",
        subject="EventDate",
        compose=_about_date(
            UserMessage("An event was postponed"),
            UserMessage(
                "{event} on {time} is postponed. Your tickets stay valid for the new time. If you"
                " cannot wait for it, you can have your money back."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.EVENT_DATE_MOVED,
        "A date that the user has tickets of takes place at another time.",
        subject="EventDate",
        compose=_about_date(
            UserMessage("An event has a new time"),
            UserMessage(
                "{event} now starts on {time}, and your tickets are valid then. If that does not"
                " suit you, you can have your money back for 14 days, until it starts."
            ),
        ),
    ),
]

"""The notification of members about bookings that collide by new rules of their time zone."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.notifications.kinds import DeclaredKind, NotificationText

TITLE = UserMessage("Bookings need your attention")
BODY = UserMessage(
    "The clocks of a time zone change by other rules than before. Some bookings now overlap, or"
    " start at a time that clocks skip. Open the app to see which, and move them."
)


async def _collide(_: AsyncSession, notification: Notification, user: User) -> NotificationText:
    return NotificationText.of(TITLE, BODY, [user.locale])


KINDS = [
    DeclaredKind(
        NotificationKind.BOOKINGS_COLLIDE,
        "Bookings at the vendor collide, because the rules of their time zone have changed.",
        subject="Vendor",
        compose=_collide,
    ),
]

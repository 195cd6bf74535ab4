"""Notifications about products."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.notifications.kinds import DeclaredKind, NotificationText


async def _imported(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    return NotificationText.of(
        UserMessage("The import of products has ended"),
        UserMessage("Open the app to see the result of each row."),
        [user.locale],
    )


KINDS = [
    DeclaredKind(
        NotificationKind.PRODUCTS_IMPORTED,
        "An import of products is DONE or has FAILED. For the member who imports.",
        subject="ProductImport",
        compose=_imported,
    ),
]

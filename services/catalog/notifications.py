"""Notifications about products."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText


async def _imported(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    title = translate(UserMessage("The import of products has ended"), [user.locale])
    body = translate(UserMessage("Open the app to see the result of each row."), [user.locale])
    return NotificationText(
        push_title=title, push_body=body, mail_subject=title, mail_body=f"{body}\n"
    )


KINDS = [
    DeclaredKind(
        NotificationKind.PRODUCTS_IMPORTED,
        "An import of products is DONE or has FAILED. For the member who imports.",
        subject="ProductImport",
        compose=_imported,
    ),
]

"""Notifications about digital goods. They name the order's number, and no file."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import Order
from services.notifications.kinds import DeclaredKind, NotificationText

TITLE = UserMessage("Your files are ready")


async def _downloads_ready(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    order = await session.get_one(Order, notification.subject_id)
    body = UserMessage(
        "The files and license keys of your order {number} are ready. Open the order in the app to"
        " get them.",
        number=order.number,
    )
    return NotificationText.of(TITLE, body, [user.locale])


KINDS = [
    DeclaredKind(
        NotificationKind.DOWNLOADS_READY,
        "The files and license keys of an order of the user can be used.",
        subject="Order",
        compose=_downloads_ready,
    )
]

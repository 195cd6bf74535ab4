"""Notifications about orders that were paid, or were not paid in time."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import Order, SubOrder
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText


async def _confirmed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    order = await session.get_one(Order, notification.subject_id)
    body = UserMessage(
        "Your payment for order {number} has arrived. The sellers prepare it now.",
        number=order.number,
    )
    return _compose(user, UserMessage("Your order is confirmed"), body)


async def _expired(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    order = await session.get_one(Order, notification.subject_id)
    body = UserMessage(
        "Order {number} was not paid in time, so its articles are for sale again. You can order"
        " them once more in the app.",
        number=order.number,
    )
    return _compose(user, UserMessage("Your order has expired"), body)


async def _received(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    suborder = await session.get_one(SubOrder, notification.subject_id)
    order = await session.get_one(Order, suborder.order_id)
    body = UserMessage(
        "Order {number} is paid. Open the app to accept it.",
        number=order.number,
    )
    return _compose(user, UserMessage("You have a new order"), body)


def _compose(user: User, title: UserMessage, body: UserMessage) -> NotificationText:
    subject, text = translate(title, [user.locale]), translate(body, [user.locale])
    return NotificationText(
        push_title=subject, push_body=text, mail_subject=subject, mail_body=f"{text}\n"
    )


KINDS = [
    DeclaredKind(
        NotificationKind.ORDER_CONFIRMED,
        "An order of the user is paid, and its vendors prepare it.",
        subject="Order",
        compose=_confirmed,
    ),
    DeclaredKind(
        NotificationKind.ORDER_EXPIRED,
        "An order of the user was not paid in time.",
        subject="Order",
        compose=_expired,
    ),
    DeclaredKind(
        NotificationKind.ORDER_RECEIVED,
        "A vendor has a new part of a paid order. For members who can see its orders.",
        subject="SubOrder",
        compose=_received,
    ),
]

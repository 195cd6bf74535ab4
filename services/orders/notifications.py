"""Notifications about orders. They name the order's number, and no person."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.orders.lines import LineKind, OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.returns import ReturnRequest, ReturnState
from models.payments.refunds import Refund
from models.vendors import Vendor
from services.i18n import translate
from services.notifications.kinds import Compose, DeclaredKind, NotificationText, quoted

Find = Callable[[AsyncSession, UUID], Awaitable[Order]]


async def _order(session: AsyncSession, order_id: UUID) -> Order:
    return await session.get_one(Order, order_id)


async def _order_of_part(session: AsyncSession, suborder_id: UUID) -> Order:
    suborder = await session.get_one(SubOrder, suborder_id)
    return await session.get_one(Order, suborder.order_id)


async def _order_of_return(session: AsyncSession, return_id: UUID) -> Order:
    request = await session.get_one(ReturnRequest, return_id)
    return await _order_of_part(session, request.suborder_id)


async def _order_of_refund(session: AsyncSession, refund_id: UUID) -> Order:
    refund = await session.get_one(Refund, refund_id)
    return await session.get_one(Order, refund.order_id)


def _about(find: Find, title: UserMessage, body: UserMessage) -> Compose:
    """Return the function that composes texts about an order. `body` may name its number."""
    template = body.template

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        order = await find(session, notification.subject_id)
        known = UserMessage(template, number=order.number)
        return NotificationText.of(title, known, [user.locale])

    return compose


def _by_vendor(title: UserMessage, body: UserMessage) -> Compose:
    """Return the function that composes texts about a part. `body` names its vendor, too."""
    template = body.template

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        suborder = await session.get_one(SubOrder, notification.subject_id)
        order = await session.get_one(Order, suborder.order_id)
        vendor = await session.get_one(Vendor, suborder.vendor_id)
        otherwise = translate(UserMessage("a business"), [user.locale])
        name = quoted(vendor.name, otherwise=otherwise)
        known = UserMessage(template, vendor=name, number=order.number)
        return NotificationText.of(title, known, [user.locale])

    return compose


async def _confirmed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Name what follows: nothing after tickets, files and keys, which are delivered at once."""
    order = await session.get_one(Order, notification.subject_id)
    rows = select(OrderLine).join(SubOrder, col(SubOrder.id) == col(OrderLine.suborder_id))
    lines = (await session.exec(rows.where(SubOrder.order_id == order.id))).all()
    if all(line.is_digital or line.is_on_site for line in lines):
        body = UserMessage(
            "Your order {number} is confirmed. What you have bought is in the app.",
            number=order.number,
        )
    elif not order.total:
        body = UserMessage(
            "Your order {number} is confirmed. The sellers prepare it now.", number=order.number
        )
    else:
        body = UserMessage(
            "Your payment for order {number} has arrived. The sellers prepare it now.",
            number=order.number,
        )
    return NotificationText.of(UserMessage("Your order is confirmed"), body, [user.locale])


async def _received(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Ask to accept a part, unless nothing of it is to be delivered by the vendor."""
    order = await _order_of_part(session, notification.subject_id)
    rows = select(OrderLine).where(OrderLine.suborder_id == notification.subject_id)
    lines = (await session.exec(rows)).all()
    if all(line.kind is LineKind.BOOKING for line in lines):
        body = UserMessage(
            "Order {number} is paid, and its bookings are confirmed. You need not do anything.",
            number=order.number,
        )
    elif all(line.is_on_site for line in lines):
        body = UserMessage(
            "Order {number} is paid, and its tickets were issued. You need not do anything.",
            number=order.number,
        )
    elif all(line.is_digital or line.is_on_site for line in lines):
        body = UserMessage(
            "Order {number} is paid, and its files were delivered. You need not do anything.",
            number=order.number,
        )
    else:
        body = UserMessage(
            "Order {number} is paid. Open the app to accept it.", number=order.number
        )
    return NotificationText.of(UserMessage("You have a new order"), body, [user.locale])


async def _return_answered(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    request = await session.get_one(ReturnRequest, notification.subject_id)
    order = await _order_of_part(session, request.suborder_id)
    if request.state is ReturnState.DECLINED:
        body = UserMessage(
            "The seller has declined the return of your order {number}. Open the order to read the"
            " reason.",
            number=order.number,
        )
    else:
        body = UserMessage(
            "The seller has accepted the return of your order {number}. Open the order to read"
            " where to send it. The money is refunded when it has arrived.",
            number=order.number,
        )
    return NotificationText.of(UserMessage("Your return was answered"), body, [user.locale])


KINDS = [
    DeclaredKind(
        NotificationKind.ORDER_CONFIRMED,
        "An order of the user is paid, or costs nothing.",
        subject="Order",
        compose=_confirmed,
    ),
    DeclaredKind(
        NotificationKind.ORDER_EXPIRED,
        "An order of the user was not paid in time.",
        subject="Order",
        compose=_about(
            _order,
            UserMessage("Your order has expired"),
            UserMessage(
                "Order {number} was not paid in time, so its articles are for sale again. You can"
                " order them once more in the app."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.ORDER_RECEIVED,
        "A vendor has a new part of a paid order. For members who can see its orders.",
        subject="SubOrder",
        compose=_received,
    ),
    DeclaredKind(
        NotificationKind.ORDER_ACCEPTED,
        "A vendor has accepted its part of an order of the user.",
        subject="SubOrder",
        compose=_by_vendor(
            UserMessage("Your order is being prepared"),
            UserMessage("{vendor} has accepted its part of your order {number}, and prepares it."),
        ),
    ),
    DeclaredKind(
        NotificationKind.ORDER_PART_CANCELLED,
        "A vendor cannot deliver units of an order of the user. They are refunded.",
        subject="Refund",
        compose=_about(
            _order_of_refund,
            UserMessage("A part of your order was cancelled"),
            UserMessage(
                "A seller cannot deliver a part of your order {number}. What you paid for it is"
                " refunded."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.ORDER_SHIPPED,
        "A part of an order of the user was shipped whole.",
        subject="SubOrder",
        compose=_by_vendor(
            UserMessage("Your order is on its way"),
            UserMessage("{vendor} has shipped its part of your order {number}."),
        ),
    ),
    DeclaredKind(
        NotificationKind.ORDER_DELIVERED,
        "A part of an order of the user was delivered.",
        subject="SubOrder",
        compose=_by_vendor(
            UserMessage("Your order was delivered"),
            UserMessage(
                "The part of {vendor} of your order {number} was delivered. If something is wrong"
                " with it, open the order in the app."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.ORDER_UNITS_CANCELLED,
        "A customer has cancelled units of a paid order. For members who can change orders.",
        subject="SubOrder",
        compose=_about(
            _order_of_part,
            UserMessage("A customer has cancelled"),
            UserMessage("Units of the order {number} were cancelled. Do not ship them."),
        ),
    ),
    DeclaredKind(
        NotificationKind.RETURN_REQUESTED,
        "A customer wants to return units of an order. For members who can change orders.",
        subject="ReturnRequest",
        compose=_about(
            _order_of_return,
            UserMessage("A customer wants to return something"),
            UserMessage("A return of the order {number} waits for your answer."),
        ),
    ),
    DeclaredKind(
        NotificationKind.RETURN_ANSWERED,
        "A vendor has accepted or declined a return of the user.",
        subject="ReturnRequest",
        compose=_return_answered,
    ),
    DeclaredKind(
        NotificationKind.REFUND_GRANTED,
        "A vendor has granted the user a refund.",
        subject="Refund",
        compose=_about(
            _order_of_refund,
            UserMessage("You get a refund"),
            UserMessage(
                "A refund for your order {number} was granted. Open the order to see the amount."
            ),
        ),
    ),
]

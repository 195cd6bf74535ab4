"""Notifications about payments. They name the amount, and no person."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.money import in_major_units
from models.bookings.bookings import Booking, BookingState
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundReason
from models.purchases import Purchase
from services.notifications.kinds import DeclaredKind, NotificationText


async def _failed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    payment = await session.get_one(Payment, notification.subject_id)
    body = UserMessage(
        "Your payment of {amount} {currency} did not go through. Open the app to pay in another"
        " way, while your articles are reserved.",
        amount=in_major_units(payment.amount, payment.currency),
        currency=payment.currency,
    )
    return NotificationText.of(UserMessage("Your payment has failed"), body, [user.locale])


async def _returned(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    refund = await session.get_one(Refund, notification.subject_id)
    currency = await _currency(session, refund)
    values = {"amount": in_major_units(refund.amount, currency), "currency": currency}
    if refund.reason is RefundReason.PAID_TWICE:
        body = UserMessage(
            "You have paid {amount} {currency} once more for something that was paid already. The"
            " money goes back to you.",
            **values,
        )
    elif refund.reason is RefundReason.WRONG_AMOUNT:
        body = UserMessage(
            "Your payment of {amount} {currency} was not the amount that was due. The money goes"
            " back to you.",
            **values,
        )
    elif await _has_lost_times(session, refund):
        body = UserMessage(
            "Your payment of {amount} {currency} came too late: the time that you booked is taken."
            " The money goes back to you. Join the waitlist in the app to get a time that becomes"
            " free.",
            **values,
        )
    else:
        body = UserMessage(
            "Your payment of {amount} {currency} came too late. The money goes back to you.",
            **values,
        )
    return NotificationText.of(UserMessage("Your payment goes back"), body, [user.locale])


async def _has_lost_times(session: AsyncSession, refund: Refund) -> bool:
    """Return whether the money was for times of services that expired with their order.

    The rest of a price is for no time, and the times of a cancelled order were given up.
    """
    rows = (
        select(Booking.id)
        .join(OrderLine, col(OrderLine.id) == col(Booking.order_line_id))
        .join(SubOrder, col(SubOrder.id) == col(OrderLine.suborder_id))
        .join(Order, col(Order.id) == col(SubOrder.order_id))
        .where(
            Order.id == refund.order_id,
            Order.state != OrderState.CANCELLED,
            Booking.state == BookingState.EXPIRED,
        )
        .limit(1)
    )
    return (await session.exec(rows)).first() is not None


async def _currency(session: AsyncSession, refund: Refund) -> str:
    if refund.order_id is not None:
        return (await session.get_one(Order, refund.order_id)).currency
    return (await session.get_one(Purchase, refund.purchase_id)).currency


KINDS = [
    DeclaredKind(
        NotificationKind.PAYMENT_FAILED,
        "A payment of the user has failed, and can be tried again.",
        subject="Payment",
        compose=_failed,
    ),
    DeclaredKind(
        NotificationKind.PAYMENT_RETURNED,
        "A payment of the user goes back: it came too late, twice, or was of a wrong amount.",
        subject="Refund",
        compose=_returned,
    ),
]

"""Notifications about refunds: sent, or on no way. They name the amount, and no person."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.money import in_major_units
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import Order
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundPart
from models.purchases import Purchase
from services.notifications.kinds import Compose, DeclaredKind, NotificationText


def _about(title: UserMessage, body: UserMessage, of_vendor: UserMessage) -> Compose:
    """Return the function that composes texts about a part, which name its amount.

    `of_vendor` is the body about a purchase for a vendor, whose wallet takes the money.
    """

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        part = await session.get_one(RefundPart, notification.subject_id)
        payment = await session.get_one(Payment, part.payment_id)
        amount = in_major_units(part.amount, payment.currency)
        template = (of_vendor if await _is_of_vendor(session, payment) else body).template
        known = UserMessage(template, amount=amount, currency=payment.currency)
        return NotificationText.of(title, known, [user.locale])

    return compose


async def _settled(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    refund = await session.get_one(Refund, notification.subject_id)
    if refund.order_id is not None:
        order = await session.get_one(Order, refund.order_id)
        body = UserMessage(
            "The refund for your order {number} was sent. Banks can take some days.",
            number=order.number,
        )
    else:
        purchase = await session.get_one(Purchase, refund.purchase_id)
        body = UserMessage(
            "A refund of {amount} {currency} was sent. Banks can take some days.",
            amount=in_major_units(refund.amount, purchase.currency),
            currency=purchase.currency,
        )
    return NotificationText.of(UserMessage("Your refund was sent"), body, [user.locale])


async def _is_of_vendor(session: AsyncSession, payment: Payment) -> bool:
    if payment.purchase_id is None:
        return False
    return (await session.get_one(Purchase, payment.purchase_id)).vendor_id is not None


STUCK = UserMessage(
    "A refund of {amount} {currency} has not arrived. Look at it in the list of stuck refunds."
)

KINDS = [
    DeclaredKind(
        NotificationKind.REFUND_SETTLED,
        "The money of a refund was sent to the user.",
        subject="Refund",
        compose=_settled,
    ),
    DeclaredKind(
        NotificationKind.REFUND_STUCK,
        "A refund could not be sent to the card or account of the user, who can choose the wallet.",
        subject="RefundPart",
        compose=_about(
            UserMessage("Your refund could not be sent"),
            UserMessage(
                "Your bank did not accept a refund of {amount} {currency}. Open the app to get it"
                " into your wallet, or wait for our transfer."
            ),
            UserMessage(
                "Your bank did not accept a refund of {amount} {currency}. Open the app to get it"
                " into the wallet of your business, or wait for our transfer."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.REFUND_NEEDS_ADMIN,
        "A refund of a customer has failed, or waits for too long. For admins.",
        subject="RefundPart",
        compose=_about(UserMessage("A refund is stuck"), STUCK, STUCK),
    ),
]

"""Notifications about refunds that do not arrive. They name the amount, and no person."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.money import decimal
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.payments.payments import Payment
from models.payments.refunds import RefundPart
from services.notifications.kinds import Compose, DeclaredKind, NotificationText


def _about(title: UserMessage, body: UserMessage) -> Compose:
    """Return the function that composes texts about a part. `body` names its amount."""
    template = body.template

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        part = await session.get_one(RefundPart, notification.subject_id)
        payment = await session.get_one(Payment, part.payment_id)
        amount = decimal(part.amount, payment.currency)
        known = UserMessage(template, amount=amount, currency=payment.currency)
        return NotificationText.of(title, known, [user.locale])

    return compose


KINDS = [
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
        ),
    ),
    DeclaredKind(
        NotificationKind.REFUND_NEEDS_ADMIN,
        "A refund of a customer has failed, or waits for too long. For admins.",
        subject="RefundPart",
        compose=_about(
            UserMessage("A refund is stuck"),
            UserMessage(
                "A refund of {amount} {currency} has not arrived. Look at it in the list of stuck"
                " refunds."
            ),
        ),
    ),
]

"""Notifications about disputes. They name no person, and to vendors only the number of the order.

The amount is that of all vendors together, so it is in none of them.
"""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import Order
from models.payments.disputes import Dispute, DisputeState
from models.payments.payments import Payment
from services.notifications.kinds import Compose, DeclaredKind, NotificationText


def _about(title: UserMessage, body: UserMessage, of_purchase: UserMessage) -> Compose:
    """Return the function that composes texts. `body` names the order, if there is one."""
    template = body.template

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        dispute = await session.get_one(Dispute, notification.subject_id)
        number = await _find_number(session, dispute)
        known = UserMessage(template, number=number) if number else of_purchase
        return NotificationText.of(title, known, [user.locale])

    return compose


async def _ended(session: AsyncSession, notification: Notification, user: User) -> NotificationText:
    dispute = await session.get_one(Dispute, notification.subject_id)
    number = await _find_number(session, dispute) or ""
    if dispute.dispute_state is DisputeState.WON:
        body = UserMessage(
            "The bank has decided for you about the payment of order {number}. You keep the money.",
            number=number,
        )
    else:
        body = UserMessage(
            "The bank has decided for the customer about the payment of order {number}. The money"
            " is taken from your balance.",
            number=number,
        )
    return NotificationText.of(UserMessage("A dispute was decided"), body, [user.locale])


async def _find_number(session: AsyncSession, dispute: Dispute) -> str | None:
    payment = await session.get_one(Payment, dispute.payment_id)
    if payment.order_id is None:
        return None
    return (await session.get_one(Order, payment.order_id)).number


PURCHASE = UserMessage("A customer's bank disputes the payment of a purchase from the platform.")

KINDS = [
    DeclaredKind(
        NotificationKind.DISPUTE_OPENED,
        "A customer's bank disputes the payment of an order. For members who can change orders.",
        subject="Dispute",
        compose=_about(
            UserMessage("A payment is disputed"),
            UserMessage(
                "A customer's bank disputes the payment of order {number}. Send your evidence, such"
                " as the proof of delivery."
            ),
            PURCHASE,
        ),
    ),
    DeclaredKind(
        NotificationKind.DISPUTE_DUE,
        "The time to answer a dispute ends within a day. For members who can change orders.",
        subject="Dispute",
        compose=_about(
            UserMessage("A dispute waits for your answer"),
            UserMessage(
                "The time to answer the dispute of order {number} ends soon. Without evidence, the"
                " customer gets the money."
            ),
            PURCHASE,
        ),
    ),
    DeclaredKind(
        NotificationKind.DISPUTE_NEEDS_ADMIN,
        "A dispute waits for an admin: its vendors can no longer answer, or it has none.",
        subject="Dispute",
        compose=_about(
            UserMessage("A dispute waits for an admin"),
            UserMessage("The dispute of order {number} must be answered by an admin now."),
            PURCHASE,
        ),
    ),
    DeclaredKind(
        NotificationKind.DISPUTE_ENDED,
        "A dispute of an order was won or lost. For members who can change orders.",
        subject="Dispute",
        compose=_ended,
    ),
]

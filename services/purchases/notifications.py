"""Notifications about purchases, to the users who made them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.money import in_major_units
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.purchases import Purchase, PurchaseKind
from services.notifications.kinds import Compose, DeclaredKind, NotificationText


def _about(title: UserMessage, body: UserMessage, debt: UserMessage | None = None) -> Compose:
    """Return the function that composes texts about a purchase. `body` has its amount.

    `debt` takes its place for what a vendor has paid of a debt.
    """

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        one = await session.get_one(Purchase, notification.subject_id)
        amount = in_major_units(one.total, one.currency)
        chosen = debt if debt and one.kind is PurchaseKind.DEBT else body
        known = UserMessage(chosen.template, amount=amount, currency=one.currency)
        return NotificationText.of(title, known, [user.locale])

    return compose


KINDS = [
    DeclaredKind(
        NotificationKind.PURCHASE_PAID,
        "The payment for a top-up, a pack or a debt has arrived.",
        subject="Purchase",
        compose=_about(
            UserMessage("We have received your payment"),
            UserMessage(
                "Your payment of {amount} {currency} has arrived. What you bought is ready."
            ),
            UserMessage(
                "Your payment of {amount} {currency} has arrived. It is in the balance of your"
                " business."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.PURCHASE_REFUNDED,
        "A top-up or a pack was refunded, in part or whole.",
        subject="Purchase",
        compose=_about(
            UserMessage("We have refunded a purchase"),
            UserMessage(
                "We have refunded your purchase of {amount} {currency}. Open it to see how much"
                " goes back."
            ),
        ),
    ),
]

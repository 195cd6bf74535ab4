"""Notifications about subscriptions to packs, to the members who manage them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.money import decimal
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.packs.subscriptions import PackSubscription
from models.vendors import Vendor
from services.i18n import translate
from services.notifications.kinds import Compose, DeclaredKind, NotificationText, quoted


def _about(title: UserMessage, body: UserMessage) -> Compose:
    """Return the function that composes texts about a subscription."""
    template = body.template

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        one = await session.get_one(PackSubscription, notification.subject_id)
        vendor = await session.get_one(Vendor, one.vendor_id)
        otherwise = translate(UserMessage("a business"), [user.locale])
        known = UserMessage(
            template,
            vendor=quoted(vendor.name, otherwise=otherwise),
            amount=decimal(one.next_total, one.currency),
            currency=one.currency,
            day=one.renews_at.date().isoformat(),
        )
        return NotificationText.of(title, known, [user.locale])

    return compose


KINDS = [
    DeclaredKind(
        NotificationKind.PACK_RENEWAL_COMING,
        "A subscription to a pack is charged in a day or two. Sent where the law asks for it.",
        subject="PackSubscription",
        compose=_about(
            UserMessage("Your pack will be charged soon"),
            UserMessage(
                "{amount} {currency} will be charged on {day} for the next period of the pack of"
                " {vendor}. Cancel it before that if you no longer need it."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.PACK_PAYMENT_FAILED,
        "A subscription to a pack could not be charged. It is tried again for a week.",
        subject="PackSubscription",
        compose=_about(
            UserMessage("Your pack could not be paid"),
            UserMessage(
                "We could not charge the pack of {vendor}. Add money to the wallet, or pay it in"
                " another way. We try again for a week, then it ends."
            ),
        ),
    ),
    DeclaredKind(
        NotificationKind.PACK_SUBSCRIPTION_ENDED,
        "A subscription to a pack has ended: it was cancelled, or not paid for a week.",
        subject="PackSubscription",
        compose=_about(
            UserMessage("Your pack no longer renews"),
            UserMessage(
                "The pack of {vendor} no longer renews. You can start it again at any time."
            ),
        ),
    ),
]

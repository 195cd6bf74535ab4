"""Notifications about subscriptions to packs, to the members who manage them."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.money import in_major_units
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.packs.subscriptions import PackPeriod, PackSubscription
from models.payments.payments import Payment
from models.vendors import Vendor
from services.i18n import translate
from services.notifications.kinds import Compose, DeclaredKind, NotificationText, quoted

AUTHENTICATION_REQUIRED = "authentication_required"  # the code of Stripe


def _about(title: UserMessage, body: UserMessage) -> Compose:
    """Return the function that composes texts about a subscription."""

    async def compose(
        session: AsyncSession, notification: Notification, user: User
    ) -> NotificationText:
        one = await session.get_one(PackSubscription, notification.subject_id)
        return NotificationText.of(title, await _fill(session, one, user, body), [user.locale])

    return compose


async def _fill(
    session: AsyncSession, one: PackSubscription, user: User, body: UserMessage
) -> UserMessage:
    """Return a text with the facts of a subscription."""
    vendor = await session.get_one(Vendor, one.vendor_id)
    otherwise = translate(UserMessage("a business"), [user.locale])
    return UserMessage(
        body.template,
        vendor=quoted(vendor.name, otherwise=otherwise),
        amount=in_major_units(one.next_total, one.currency),
        currency=one.currency,
        day=one.renews_at.date(),
    )


async def _failed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Ask for the confirmation that the bank wants, or for another way to pay."""
    one = await session.get_one(PackSubscription, notification.subject_id)
    if await _must_authenticate(session, one):
        title = UserMessage("Your bank wants you to confirm a payment")
        body = UserMessage(
            "The pack of {vendor} could not be charged without you. Open the app, pay it with your"
            " card, and confirm that with your bank. We try again for a week, then it ends."
        )
    else:
        title = UserMessage("Your pack could not be paid")
        body = UserMessage(
            "We could not charge the pack of {vendor}. Add money to the wallet, or pay it in"
            " another way. We try again for a week, then it ends."
        )
    return NotificationText.of(title, await _fill(session, one, user, body), [user.locale])


async def _must_authenticate(session: AsyncSession, one: PackSubscription) -> bool:
    """Return whether the bank wants its customer to be there for the last charge."""
    rows = (
        select(Payment.decline_code)
        .join(PackPeriod, col(PackPeriod.purchase_id) == Payment.purchase_id)
        .where(PackPeriod.pack_subscription_id == one.id)
        .order_by(col(Payment.id).desc())
    )
    return (await session.exec(rows.limit(1))).first() == AUTHENTICATION_REQUIRED


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
        "A subscription to a pack could not be charged, or the bank wants its customer to confirm"
        " it. It is tried again for a week.",
        subject="PackSubscription",
        compose=_failed,
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

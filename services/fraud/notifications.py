"""Notifications about held vouchers and fraud cases."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.base import localized
from models.fraud.cases import FraudCase
from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import Notification, NotificationKind
from models.offers.offers import Offer
from models.redemptions import Redemption, Voucher
from models.vendors import Vendor
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted
from services.vendors.member_notices import notify_members


async def announce_case(session: AsyncSession, case_id: UUID) -> None:
    """Notify the reviewers of the vendor of a case. A second run notifies no one again."""
    case = await session.get_one(FraudCase, case_id)
    kind = NotificationKind.FRAUD_CASE_OPENED
    await notify_members(session, case.vendor_id, Permission.REVIEW_FRAUD, kind, case.id)


async def _case_opened(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    case = await session.get_one(FraudCase, notification.subject_id)
    vendor = await session.get_one(Vendor, case.vendor_id)
    locales = [user.locale]
    name = quoted(vendor.name, otherwise=translate(UserMessage("a business"), locales))
    body = UserMessage(
        "A redemption at {vendor} has a risk score of {score}. Review it in the app.",
        vendor=name,
        score=case.score,
    )
    return NotificationText(
        push_title=translate(UserMessage("Redemption to review"), locales),
        push_body=translate(body, locales),
        mail_subject=translate(UserMessage("Redemption to review"), locales),
        mail_body=f"{translate(body, locales)}\n",
    )


async def _voucher_released(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Compose the text. It gives no reason: customers do not see the factors of a score."""
    redemption = await session.get_one(Redemption, notification.subject_id)
    voucher = await session.get_one(Voucher, redemption.voucher_id)
    offer = await session.get_one(Offer, voucher.offer_id)
    locales = [user.locale]
    title = localized(offer.title, locales, offer.locale)
    offered = quoted(title, otherwise=translate(UserMessage("an offer"), locales))
    body = UserMessage(
        "Your voucher {code} for {offer} was checked and not redeemed. You can present it again,"
        " and have more time for it.",
        code=voucher.code,
        offer=offered,
    )
    push = UserMessage("You can present it again: {offer}", offer=offered)
    return NotificationText(
        push_title=translate(UserMessage("Voucher not redeemed"), locales),
        push_body=translate(push, locales),
        mail_subject=translate(UserMessage("Your voucher was not redeemed"), locales),
        mail_body=f"{translate(body, locales)}\n",
    )


KINDS = [
    DeclaredKind(
        NotificationKind.VOUCHER_RELEASED,
        "A voucher of the user was checked, and given back.",
        subject="Redemption",
        compose=_voucher_released,
    ),
    DeclaredKind(
        NotificationKind.FRAUD_CASE_OPENED,
        "A redemption at a vendor of the user was held or blocked.",
        subject="FraudCase",
        compose=_case_opened,
    ),
]

"""Notifications about vouchers."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.base import localized
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.offers.offers import Offer
from models.redemptions import Voucher
from models.vendors import Vendor
from services.notifications.kinds import DeclaredKind, NotificationText, quoted


async def _voucher_redeemed(
    session: AsyncSession, notification: Notification, _: User
) -> NotificationText:
    voucher = await session.get_one(Voucher, notification.subject_id)
    offer = await session.get_one(Offer, voucher.offer_id)
    vendor = await session.get_one(Vendor, voucher.vendor_id)
    title = quoted(localized(offer.title, [], offer.locale), otherwise="an offer")
    name, city = quoted(vendor.name, otherwise="a vendor"), quoted(vendor.city, otherwise="a city")
    return NotificationText(
        push_title="Voucher redeemed",
        push_body=f"{title} at {name}",
        mail_subject="Your voucher was redeemed",
        mail_body=(
            f"Hello,\n\nyour voucher {voucher.code} was redeemed on"
            f" {voucher.redeemed_at:%d %B %Y at %H:%M} UTC.\n\n"
            f"  Offer: {title}\n  Vendor: {name} in {city}\n\n"
            "If that was not you, answer this mail.\n"
        ),
    )


KINDS = [
    DeclaredKind(
        NotificationKind.VOUCHER_REDEEMED,
        "A voucher of the user was redeemed.",
        subject="Voucher",
        compose=_voucher_redeemed,
    )
]

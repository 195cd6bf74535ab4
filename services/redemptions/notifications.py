"""Notifications about vouchers."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.errors import UserMessage
from core.wall import wall
from models.base import localized
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.offers.offers import Offer
from models.redemptions import Voucher
from models.vendors import Vendor
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted
from services.notifications.local_times import describe_time


async def _voucher_redeemed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Compose the text, with the wall time at the vendor: the user was there, or was not."""
    voucher = await session.get_one(Voucher, notification.subject_id)
    offer = await session.get_one(Offer, voucher.offer_id)
    vendor = await session.get_one(Vendor, voucher.vendor_id)
    locales = [user.locale]
    title = localized(offer.title, locales, offer.locale)
    offered = quoted(title, otherwise=translate(UserMessage("an offer"), locales))
    name = quoted(vendor.name, otherwise=translate(UserMessage("a business"), locales))
    at, zone = voucher.redeemed_at or now(), vendor.time_zone
    body = UserMessage(
        "Your voucher {code} for {offer} was redeemed at {vendor} on {time}, by the clock there. If"
        " that was not you, answer this mail.",
        code=voucher.code,
        offer=offered,
        vendor=name,
        time=describe_time(wall(at, zone), at, zone, own_zone=None, locale=user.locale),
    )
    push = UserMessage("{offer} at {vendor}", offer=offered, vendor=name)
    return NotificationText(
        push_title=translate(UserMessage("Voucher redeemed"), locales),
        push_body=translate(push, locales),
        mail_subject=translate(UserMessage("Your voucher was redeemed"), locales),
        mail_body=f"{translate(body, locales)}\n",
    )


KINDS = [
    DeclaredKind(
        NotificationKind.VOUCHER_REDEEMED,
        "A voucher of the user was redeemed.",
        subject="Voucher",
        compose=_voucher_redeemed,
    )
]

"""Notifications about vouchers."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.errors import UserMessage
from core.wall import wall
from models.base import localized
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from models.offers.offers import Offer
from models.redemptions import Voucher, VoucherState
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


async def _reversed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Compose the text. The reason is in the app: a text of a member is not put into mails."""
    voucher = await session.get_one(Voucher, notification.subject_id)
    vendor = await session.get_one(Vendor, voucher.vendor_id)
    offered = await offer_title(session, voucher, user)
    name = quoted(vendor.name, otherwise=translate(UserMessage("a business"), [user.locale]))
    if voucher.state is VoucherState.CANCELLED:
        body = UserMessage(
            "{vendor} took the redemption of your voucher for {offer} back. The time of the voucher"
            " is over, so it is cancelled.",
            vendor=name,
            offer=offered,
        )
    else:
        body = UserMessage(
            "{vendor} took the redemption of your voucher for {offer} back. You can redeem the"
            " voucher again.",
            vendor=name,
            offer=offered,
        )
    return NotificationText.of(UserMessage("A redemption was reversed"), body, [user.locale])


async def _reissued(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    voucher = await session.get_one(Voucher, notification.subject_id)
    body = UserMessage(
        "Your voucher for {offer} has a new QR code and a new code. The former ones are refused:"
        " open the app for the new ones.",
        offer=await offer_title(session, voucher, user),
    )
    return NotificationText.of(UserMessage("Your voucher has new codes"), body, [user.locale])


async def offer_title(session: AsyncSession, voucher: Voucher, user: User) -> str:
    """Return the title of the offer of a voucher, quoted, in the language of a user."""
    offer = await session.get_one(Offer, voucher.offer_id)
    title = localized(offer.title, [user.locale], offer.locale)
    return quoted(title, otherwise=translate(UserMessage("an offer"), [user.locale]))


async def _find_skip_reason(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery to a former holder: the voucher has new codes, which are not theirs."""
    voucher = await session.get_one(Voucher, notification.subject_id)
    return None if voucher.user_id == notification.user_id else SkipReason.NO_PART


KINDS = [
    DeclaredKind(
        NotificationKind.VOUCHER_REDEEMED,
        "A voucher of the user was redeemed.",
        subject="Voucher",
        compose=_voucher_redeemed,
        find_skip_reason=_find_skip_reason,
    ),
    DeclaredKind(
        NotificationKind.REDEMPTION_REVERSED,
        "The vendor took the redemption of a voucher of the user back.",
        subject="Voucher",
        compose=_reversed,
        find_skip_reason=_find_skip_reason,
    ),
    DeclaredKind(
        NotificationKind.VOUCHER_REISSUED,
        "The vendor gave a voucher of the user new codes.",
        subject="Voucher",
        compose=_reissued,
        find_skip_reason=_find_skip_reason,
    ),
]

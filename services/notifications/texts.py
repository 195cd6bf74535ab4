"""Texts of mails and push messages, which never quote chat messages.

Subjects and titles are ours alone: a user whose name stood there could write a mail in our name. In
the body, names and titles stand in quotation marks, and the recipient's own name is left out,
because anyone can register an address with a name of their choice.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.text import clean_line
from core.web_addresses import contains_web_address
from models.base import localized
from models.chat.conversations import Conversation
from models.identity.accounts import User
from models.identity.api_tokens import ApiToken
from models.notifications.inbox import Notification, NotificationKind
from models.offers.offers import Offer
from models.redemptions import Voucher
from models.vendors import Vendor
from services.i18n import translate

MAX_COUNT = 100  # more unread messages are not counted
QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


@dataclass(frozen=True)
class NotificationText:
    """Texts for a push message, and a mail to `address`."""

    address: str
    subject_type: str
    push_title: str
    push_body: str
    mail_subject: str
    mail_body: str


async def compose_text(session: AsyncSession, notification: Notification) -> NotificationText:
    user = await session.get_one(User, notification.user_id)
    return await WRITERS[notification.kind](session, notification, user)


async def _voucher_redeemed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    voucher = await session.get_one(Voucher, notification.subject_id)
    offer = await session.get_one(Offer, voucher.offer_id)
    vendor = await session.get_one(Vendor, voucher.vendor_id)
    title = quoted(localized(offer.title, [], offer.locale), otherwise="an offer")
    name, city = quoted(vendor.name, otherwise="a vendor"), quoted(vendor.city, otherwise="a city")
    return NotificationText(
        address=user.email,
        subject_type="Voucher",
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


async def _message_received(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Compose the text for the customer, or for a member of the vendor."""
    conversation = await session.get_one(Conversation, notification.subject_id)
    vendor = await session.get_one(Vendor, conversation.vendor_id)
    customer = await session.get_one(User, conversation.user_id)
    mine = conversation.user_id == user.id
    shop = quoted(vendor.name, otherwise="a vendor")
    people = (
        f"From the vendor {shop}"
        if mine
        else f"From the customer {quoted(customer.name, otherwise='without a name')} to {shop}"
    )
    title = _count(notification.count)
    return NotificationText(
        address=user.email,
        subject_type="Conversation",
        push_title=title,
        push_body=people,
        mail_subject=f"{title} on Haat",
        mail_body=(
            f"Hello,\n\nyou have not read {title.lower()} on Haat.\n\n  {people}\n\n"
            "Open Haat to read and answer.\n"
        ),
    )


def quoted(text: str, *, otherwise: str) -> str:
    """Return a text of a user in quotation marks that it cannot close.

    Rows older than the rules for names, and titles of offers, can contain a web address, which a
    mail program would turn into a link: they are replaced by `otherwise`.
    """
    line = clean_line(text).translate(QUOTATION_MARKS)
    return f"“{line}”" if line and not contains_web_address(line) else otherwise


async def _api_token_created(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Compose the text without the token's name, which a thief would have chosen."""
    token = await session.get(ApiToken, notification.subject_id)
    locales = [notification.locale] if notification.locale else []
    known = {
        "prefix": token.prefix if token else "…",
        "at": f"{notification.created_at:%Y-%m-%d %H:%M} UTC",
    }
    title = translate(UserMessage("A new API token was created for your account"), locales)
    explained = UserMessage(
        "At {at}, the API token {prefix}… was created for your account. A program that has it can"
        " act in your name. If that was not you, sign in and revoke it at once.",
        **known,
    )
    body = translate(explained, locales)
    return NotificationText(
        address=user.email,
        subject_type="ApiToken",
        push_title=title,
        push_body=translate(UserMessage("If that was not you, revoke it."), locales),
        mail_subject=title,
        mail_body=f"{body}\n",
    )


def _count(count: int) -> str:
    if count == 1:
        return "New message"
    return (
        f"More than {MAX_COUNT - 1} new messages" if count >= MAX_COUNT else f"{count} new messages"
    )


Writer = Callable[[AsyncSession, Notification, User], Awaitable[NotificationText]]
WRITERS: Mapping[NotificationKind, Writer] = {
    NotificationKind.VOUCHER_REDEEMED: _voucher_redeemed,
    NotificationKind.MESSAGE_RECEIVED: _message_received,
    NotificationKind.API_TOKEN_CREATED: _api_token_created,
}

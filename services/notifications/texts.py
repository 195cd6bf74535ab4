"""Texts of mails and push messages, which never quote chat messages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from models.base import localized
from models.chat.conversations import Conversation
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.offers.offers import Offer
from models.redemptions import Voucher
from models.vendors import Vendor

MAX_COUNT = 100  # more unread messages are not counted


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
    title = localized(offer.title, [], offer.locale)
    return NotificationText(
        address=user.email,
        subject_type="Voucher",
        push_title=f"Redeemed at {vendor.name}",
        push_body=title,
        mail_subject=f"Redeemed at {vendor.name}: {title}",
        mail_body=(
            f"Hello {user.name},\n\nyour voucher {voucher.code} for “{title}” was redeemed at"
            f" {vendor.name}, {vendor.city}, on {voucher.redeemed_at:%d %B %Y at %H:%M} UTC.\n\n"
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
    sender, to = (vendor.name, "you") if mine else (customer.name, vendor.name)
    number = _count(notification.count)
    title = f"{number} from {sender}"
    return NotificationText(
        address=user.email,
        subject_type="Conversation",
        push_title=title,
        push_body="Open Haat to read and answer." if mine else f"To {vendor.name}.",
        mail_subject=title,
        mail_body=(
            f"Hello {user.name},\n\n{sender} has written to {to}: {number.lower()}, unread as yet."
            "\n\nOpen Haat to read and answer.\n"
        ),
    )


def _count(count: int) -> str:
    if count == 1:
        return "Message"
    return f"More than {MAX_COUNT - 1} messages" if count >= MAX_COUNT else f"{count} messages"


Writer = Callable[[AsyncSession, Notification, User], Awaitable[NotificationText]]
WRITERS: Mapping[NotificationKind, Writer] = {
    NotificationKind.VOUCHER_REDEEMED: _voucher_redeemed,
    NotificationKind.MESSAGE_RECEIVED: _message_received,
}

"""What somebody is told in a mail or a push message. What was said in a chat is in neither."""

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

MANY = 100


@dataclass(frozen=True)
class Words:
    """`title` and `line` for a push message, `subject` and `letter` for a mail to `address`."""

    address: str
    subject_type: str
    title: str
    line: str
    subject: str
    letter: str


async def write(session: AsyncSession, notification: Notification) -> Words:
    user = await session.get_one(User, notification.user_id)
    return await WRITERS[notification.kind](session, notification, user)


async def _voucher_redeemed(session: AsyncSession, notification: Notification, user: User) -> Words:
    voucher = await session.get_one(Voucher, notification.subject_id)
    offer = await session.get_one(Offer, voucher.offer_id)
    vendor = await session.get_one(Vendor, voucher.vendor_id)
    title = localized(offer.title, [], offer.locale)
    return Words(
        address=user.email,
        subject_type="Voucher",
        title=f"Redeemed at {vendor.name}",
        line=title,
        subject=f"Redeemed at {vendor.name}: {title}",
        letter=(
            f"Hello {user.name},\n\nyour voucher {voucher.code} for “{title}” was redeemed at"
            f" {vendor.name}, {vendor.city}, on {voucher.redeemed_at:%d %B %Y at %H:%M} UTC.\n\n"
            "If that was not you, answer this mail.\n"
        ),
    )


async def _message_received(session: AsyncSession, notification: Notification, user: User) -> Words:
    """From the vendor to its customer, or the other way round to a member of the vendor."""
    conversation = await session.get_one(Conversation, notification.subject_id)
    vendor = await session.get_one(Vendor, conversation.vendor_id)
    customer = await session.get_one(User, conversation.user_id)
    mine = conversation.user_id == user.id
    sender, to = (vendor.name, "you") if mine else (customer.name, vendor.name)
    number = _number(notification.count)
    title = f"{number} from {sender}"
    return Words(
        address=user.email,
        subject_type="Conversation",
        title=title,
        line="Open Haat to read and answer." if mine else f"To {vendor.name}.",
        subject=title,
        letter=(
            f"Hello {user.name},\n\n{sender} has written to {to}: {number.lower()}, unread as yet."
            "\n\nOpen Haat to read and answer.\n"
        ),
    )


def _number(count: int) -> str:
    if count == 1:
        return "Message"
    return f"More than {MANY - 1} messages" if count >= MANY else f"{count} messages"


Writer = Callable[[AsyncSession, Notification, User], Awaitable[Words]]
WRITERS: Mapping[NotificationKind, Writer] = {
    NotificationKind.VOUCHER_REDEEMED: _voucher_redeemed,
    NotificationKind.MESSAGE_RECEIVED: _message_received,
}

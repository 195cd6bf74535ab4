"""Notifications about gifts of vouchers."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.gifts import GiftState, VoucherGift
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from models.redemptions import Voucher
from services.notifications.kinds import DeclaredKind, NotificationText
from services.redemptions.notifications import offer_title


async def _received(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    gift = await session.get_one(VoucherGift, notification.subject_id)
    voucher = await session.get_one(Voucher, gift.voucher_id)
    body = UserMessage(
        "Another user gives you a voucher for {offer}. Open the app to accept it.",
        offer=await offer_title(session, voucher, user),
    )
    return NotificationText.of(UserMessage("You can have a voucher"), body, [user.locale])


async def _ended(session: AsyncSession, notification: Notification, user: User) -> NotificationText:
    gift = await session.get_one(VoucherGift, notification.subject_id)
    voucher = await session.get_one(Voucher, gift.voucher_id)
    offered = await offer_title(session, voucher, user)
    if gift.state is GiftState.ACCEPTED:
        body = UserMessage(
            "Your voucher for {offer} was accepted. Its former codes are not valid any more.",
            offer=offered,
        )
    else:
        body = UserMessage(
            "Your voucher for {offer} was not accepted, so you keep it.", offer=offered
        )
    return NotificationText.of(UserMessage("Your gift has ended"), body, [user.locale])


async def _find_skip_reason(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery if the gift has ended."""
    gift = await session.get_one(VoucherGift, notification.subject_id)
    return None if gift.state is GiftState.OFFERED else SkipReason.SUPERSEDED


KINDS = [
    DeclaredKind(
        NotificationKind.VOUCHER_GIFT_RECEIVED,
        "Another user gives the user a voucher, which they can accept.",
        subject="VoucherGift",
        compose=_received,
        find_skip_reason=_find_skip_reason,
    ),
    DeclaredKind(
        NotificationKind.VOUCHER_GIFT_ENDED,
        "A voucher that the user gives was accepted or declined, or its time is over.",
        subject="VoucherGift",
        compose=_ended,
    ),
]

"""Notices about purchases, to those who made them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.identity.accounts import User
from models.notifications.inbox import NotificationKind
from models.purchases import Purchase
from services.notifications import inbox


async def notify_paid(session: AsyncSession, purchase: Purchase) -> None:
    """Notify the buyer that the money has arrived. An erased account has no inbox any more."""
    await _notify(session, purchase, NotificationKind.PURCHASE_PAID)


async def notify_refunded(session: AsyncSession, purchase: Purchase, number: int) -> None:
    await _notify(session, purchase, NotificationKind.PURCHASE_REFUNDED, number)


async def _notify(
    session: AsyncSession, purchase: Purchase, kind: NotificationKind, number: int = 0
) -> None:
    buyer = await session.get_one(User, purchase.user_id)
    if not buyer.is_erased:
        await inbox.notify(session, buyer.id, kind, purchase.id, up_to_sequence=number)

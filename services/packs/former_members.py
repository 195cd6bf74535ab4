"""Subscriptions that are paid by a member who may not buy packs any more."""

from uuid import UUID

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.packs.subscriptions import PackSubscription, PackSubscriptionState
from models.payments.payments import PaymentProvider


async def stop_paying(session: AsyncSession, vendor_id: UUID, user_id: UUID) -> None:
    """Let the vendor's wallet pay from now on what the member's saved methods paid.

    The vendor is reminded as for each charge that fails, if the wallet has too little.
    """
    paid_by_member = (
        col(PackSubscription.vendor_id) == vendor_id,
        col(PackSubscription.user_id) == user_id,
        col(PackSubscription.method_id).is_not(None),
        col(PackSubscription.state) != PackSubscriptionState.CANCELLED,
    )
    by_wallet = {"provider": PaymentProvider.WALLET, "method_id": None}
    await session.exec(update(PackSubscription).where(*paid_by_member).values(**by_wallet))

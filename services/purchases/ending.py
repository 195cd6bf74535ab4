"""Purchases that are not paid: cancelled by their buyers, and expired by a job."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.packs.subscriptions import PackPastDue
from models.payments.payments import CancelReason
from models.purchases import Purchase, PurchaseState
from services.packs.access import lock_period
from services.packs.outcomes import note_expired
from services.payments.ending import begin_to_cancel
from services.purchases.access import LockedPurchase, access_purchase, lock_purchase
from services.purchases.entries import publish_purchase
from services.transaction import OpenTransaction, one_by_one
from services.viewer import Viewer

BATCH_SIZE = 100


async def cancel_purchase(session: AsyncSession, viewer: Viewer, *, purchase_id: UUID) -> Purchase:
    """Cancel a purchase that is not paid. A second call changes nothing.

    Raises `InvalidPurchaseState`, and `PackPastDue` for that of a subscription, which ends with the
    subscription.
    """
    locked = await access_purchase(session, viewer, purchase_id, as_buyer=True)
    if locked.purchase.state is PurchaseState.CANCELLED:
        return locked.purchase
    if await lock_period(session, purchase_id) is not None:
        raise PackPastDue
    await end_purchase(session, locked, PurchaseState.CANCELLED, CancelReason.BUYER)
    return locked.purchase


async def end_purchase(
    session: AsyncSession, locked: LockedPurchase, state: PurchaseState, reason: CancelReason
) -> None:
    """End a PENDING purchase and its payments. Raises `InvalidPurchaseState`.

    A provider that has collected one of them before it learns of this sends its money all the same.
    """
    locked.purchase.become(state)
    for payment in locked.payments:
        if payment.status.is_live:
            await begin_to_cancel(session, payment, reason)
    publish_purchase(session, locked.purchase)


async def expire_purchase(session: AsyncSession, purchase_id: UUID) -> bool:
    """Let a purchase expire if its time is over. Returns whether it did."""
    locked = await lock_purchase(session, purchase_id)
    if locked is None or not locked.purchase.is_overdue:
        return False
    await end_purchase(session, locked, PurchaseState.EXPIRED, CancelReason.EXPIRED)
    found = await lock_period(session, purchase_id)
    if found is not None:
        await note_expired(session, found.subscription, found.period)
    return True


async def expire_overdue(transaction: OpenTransaction) -> bool:
    """Let a batch of purchases expire whose job was lost. Returns whether there may be more."""
    async with transaction() as session:
        rows = select(Purchase.id).where(
            Purchase.state == PurchaseState.PENDING, col(Purchase.hold_until) <= now()
        )
        ids = (await session.exec(rows.order_by(col(Purchase.hold_until)).limit(BATCH_SIZE))).all()
    ended = await one_by_one(transaction, ids, expire_purchase)
    return len(ids) == BATCH_SIZE and ended

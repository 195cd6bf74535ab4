"""Settling purchases: the one way in which money becomes a top-up or a pack.

Payments of purchases are settled here as those of orders are in `services.payments.settling`.
"""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.errors import NotFound
from models.payments.payments import Payment, PaymentStatus
from models.purchases import Purchase, PurchaseKind, PurchaseState
from services.packs.granting import grant_pack
from services.packs.outcomes import note_failed, note_paid
from services.purchases.access import LockedPurchase, lock_purchase
from services.purchases.entries import publish_purchase
from services.purchases.notices import notify_paid
from services.purchases.postings import post_paid, post_received


async def settle_purchase(
    session: AsyncSession, payment_id: UUID, *, reference: str | None = None
) -> Purchase:
    """Count the money of a payment that has come in full, and give what was bought.

    The caller has compared amount and currency. A second call changes nothing. A purchase that has
    expired is given all the same: nothing of it can be sold out. Raises `InvalidPurchaseState` for
    one that was cancelled, refunded, or paid by another payment.
    """
    locked = await _lock(session, payment_id)
    payment = next(one for one in locked.payments if one.id == payment_id)
    if payment.status is PaymentStatus.SUCCEEDED:
        return locked.purchase
    locked.purchase.become(PurchaseState.PAID)
    payment.reference = reference or payment.reference
    payment.status, payment.captured, payment.ended_at = (
        PaymentStatus.SUCCEEDED,
        payment.amount,
        now(),
    )
    locked.purchase.paid_at = payment.ended_at
    await session.flush()
    await post_received(session, payment)
    await post_paid(session, locked.purchase)
    await give(session, locked)
    await notify_paid(session, locked.purchase)
    return locked.purchase


async def give(session: AsyncSession, locked: LockedPurchase) -> None:
    """Give what was bought by a purchase that is PAID, and whose money is posted."""
    if locked.purchase.kind is PurchaseKind.PACK:
        grant = await grant_pack(session, locked.purchase, locked.period)
        if locked.subscription is not None and locked.period is not None:
            await note_paid(session, locked.subscription, locked.period, grant)
    publish_purchase(session, locked.purchase)


async def fail_purchase(
    session: AsyncSession, payment_id: UUID, *, status: PaymentStatus = PaymentStatus.FAILED
) -> Purchase:
    """Note that a payment has ended without money. A second call changes nothing.

    The purchase can be paid by another payment until it expires. That of a subscription is tried
    again by its plan.
    """
    locked = await _lock(session, payment_id)
    payment = next(one for one in locked.payments if one.id == payment_id)
    if not payment.status.is_live:
        return locked.purchase
    payment.status, payment.ended_at = status, now()
    if locked.subscription is not None and locked.period is not None:
        await note_failed(session, locked.subscription, locked.period, locked.purchase)
    publish_purchase(session, locked.purchase)
    return locked.purchase


async def _lock(session: AsyncSession, payment_id: UUID) -> LockedPurchase:
    purchase_id = select(Payment.purchase_id).where(Payment.id == payment_id)
    known = (await session.exec(purchase_id)).first()
    locked = await lock_purchase(session, known) if known else None
    if locked is None:
        raise NotFound
    return locked

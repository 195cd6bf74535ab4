"""Payments of purchases: from a wallet at once, by a transfer that an admin records, or online."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.purchases import PaymentNotOffered, PurchaseKind, PurchaseState
from services import jobs
from services.purchases.access import LockedPurchase
from services.purchases.entries import publish_purchase
from services.purchases.postings import post_from_wallet
from services.purchases.settling import give


async def start_payment(
    session: AsyncSession,
    locked: LockedPurchase,
    provider: PaymentProvider,
    *,
    method_id: UUID | None = None,
    off_session: bool = False,
) -> Payment:
    """Start a payment of a PENDING purchase that was written or locked in this transaction.

    From a wallet, it is paid at once: raises `WalletTooLow`. Raises `PaymentNotOffered`.
    """
    purchase = locked.purchase
    if purchase.kind is PurchaseKind.TOP_UP and provider is PaymentProvider.WALLET:
        raise PaymentNotOffered
    if provider.is_online:
        raise PaymentNotOffered  # until the providers are connected
    payment = Payment(
        purchase_id=purchase.id,
        provider=provider,
        attempt=1 + sum(one.provider is provider for one in locked.payments),
        amount=purchase.total,
        currency=purchase.currency,
    )
    if provider is PaymentProvider.WALLET:
        await _pay_from_wallet(session, locked, payment)
        return payment
    session.add(payment)
    locked.payments.append(payment)
    await session.flush()
    await jobs.defer(session, "expire_purchase", at=purchase.hold_until, purchase_id=purchase.id)
    publish_purchase(session, purchase)
    return payment


async def _pay_from_wallet(session: AsyncSession, locked: LockedPurchase, payment: Payment) -> None:
    """Take the money, then write the payment: a wallet that has too little leaves no row of it."""
    purchase = locked.purchase
    await session.flush()
    await post_from_wallet(session, purchase)
    purchase.become(PurchaseState.PAID)
    purchase.paid_at = payment.ended_at = now()
    payment.status, payment.captured = PaymentStatus.SUCCEEDED, payment.amount
    session.add(payment)
    locked.payments.append(payment)
    await session.flush()
    await give(session, locked)

"""Payments of purchases: from a wallet at once, by a transfer that an admin records, or online."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from gateways.payments.gateway import PaymentGateway
from models.payments.calls import CallPurpose
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.purchases import PaymentNotOffered, Purchase, PurchaseKind, PurchaseState
from services import jobs
from services.payments.calls import plan_call
from services.purchases.access import LockedPurchase
from services.purchases.entries import publish_purchase
from services.purchases.giving import give
from services.purchases.postings import post_from_wallet


@dataclass(frozen=True)
class Way:
    """How a purchase is paid. A saved method can be charged `off_session`, without its user.

    A user who pays online comes back to `return_url`.
    """

    provider: PaymentProvider
    method_id: UUID | None = None
    off_session: bool = False
    return_url: str | None = None


def ensure_offered(
    gateways: Mapping[PaymentProvider, PaymentGateway],
    provider: PaymentProvider,
    kind: PurchaseKind,
    currency: str,
) -> None:
    """Raise `PaymentNotOffered` unless a purchase can be paid in this way."""
    if provider.is_online:
        gateway = gateways.get(provider)
        known = gateway.payment_currencies if gateway else frozenset[str]()
        if known is not None and currency not in known:
            raise PaymentNotOffered
    elif provider is PaymentProvider.WALLET and kind is PurchaseKind.TOP_UP:
        raise PaymentNotOffered


async def start_payment(session: AsyncSession, locked: LockedPurchase, way: Way) -> Payment:
    """Start a payment of a PENDING purchase that was written or locked in this transaction.

    From a wallet, it is paid at once: raises `WalletTooLow`, before anything was written of it.
    """
    purchase = locked.purchase
    payment = Payment(
        purchase_id=purchase.id,
        attempt=1 + sum(one.provider is way.provider for one in locked.payments),
        amount=purchase.total,
        currency=purchase.currency,
        **vars(way),
    )
    locked.payments.append(payment)
    if way.provider is PaymentProvider.WALLET:
        await _pay_from_wallet(session, purchase, payment)
        return payment
    if way.provider.is_online:
        payment.status = PaymentStatus.PLANNED
    session.add(payment)
    await session.flush()
    if way.provider.is_online:
        await plan_call(session, way.provider, payment.id, CallPurpose.PAY)
    await jobs.defer(session, "expire_purchase", at=purchase.hold_until, purchase_id=purchase.id)
    publish_purchase(session, purchase)
    return payment


async def _pay_from_wallet(session: AsyncSession, purchase: Purchase, payment: Payment) -> None:
    await session.flush()
    await post_from_wallet(session, purchase)
    purchase.become(PurchaseState.PAID)
    purchase.paid_at = now()
    payment.receive(payment.amount, payment.currency)
    session.add(payment)
    await session.flush()
    await give(session, purchase)

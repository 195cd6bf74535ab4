"""Payments of purchases: from a wallet at once, by a transfer that an admin records, or online."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.payments.calls import CallPurpose
from models.payments.payments import Payment, PaymentProvider, PaymentStatus, next_attempt
from models.payments.ways import PaymentWay, ProviderNotAvailable
from models.purchases import Purchase, PurchaseKind, PurchaseState
from services import jobs
from services.payments.calls.rows import plan_call, plan_payments
from services.payments.calls.sending import CallSender
from services.payments.order_payments import send_payment
from services.payments.ways import WaysToPay, ensure_own_method, new_payment
from services.purchases.access import LockedPurchase
from services.purchases.entries import publish_purchase
from services.purchases.giving import give
from services.purchases.postings import post_from_wallet
from services.viewer import Viewer

FROM_WALLET = PaymentWay(provider=PaymentProvider.WALLET)


async def ensure_possible(
    session: AsyncSession, viewer: Viewer, ways: WaysToPay, way: PaymentWay, purchase: Purchase
) -> None:
    """Raise `ProviderNotAvailable`, `PaymentTooSmall`, `InvalidInput` and `NotFound` for a way."""
    ways.ensure_valid(way)
    is_pack = purchase.kind is PurchaseKind.PACK
    if not is_pack and way.provider is PaymentProvider.WALLET:
        raise ProviderNotAvailable(field=["provider"])
    await ensure_own_method(session, viewer, way)
    ways.ensure_possible(way, purchase.total, purchase.currency)


async def start_payment(
    session: AsyncSession, locked: LockedPurchase, way: PaymentWay, *, off_session: bool = False
) -> Payment:
    """Start a payment of a PENDING purchase that was written or locked in this transaction.

    From a wallet, it is paid at once: raises `WalletTooLow`, before anything was written of it. A
    saved method is charged `off_session` without its user, by a job.
    """
    purchase = locked.purchase
    payment = new_payment(
        way,
        purchase.total,
        purchase.currency,
        purchase_id=purchase.id,
        attempt=next_attempt(locked.payments, way.provider),
        off_session=off_session,
    )
    locked.payments.append(payment)
    if way.provider is PaymentProvider.WALLET:
        await _pay_from_wallet(session, purchase, payment)
        return payment
    session.add(payment)
    await session.flush()
    if off_session:
        await plan_call(session, payment.provider, payment.id, CallPurpose.PAY)
    else:
        await plan_payments(session, [payment])
    await jobs.defer(session, "expire_purchase", at=purchase.hold_until, purchase_id=purchase.id)
    publish_purchase(session, purchase)
    return payment


async def send_purchase_payment(sender: CallSender, purchase_id: UUID) -> None:
    """Have the provider collect the new payment of a purchase, if it has one."""
    async with sender.transaction() as session:
        rows = select(Payment.id).where(
            Payment.purchase_id == purchase_id, Payment.status == PaymentStatus.PLANNED
        )
        payment_id = (await session.exec(rows)).first()
    if payment_id is not None:
        await send_payment(sender, payment_id)


async def _pay_from_wallet(session: AsyncSession, purchase: Purchase, payment: Payment) -> None:
    await session.flush()
    await post_from_wallet(session, purchase)
    purchase.become(PurchaseState.PAID)
    purchase.paid_at = now()
    payment.receive(payment.amount, payment.currency)
    session.add(payment)
    await session.flush()
    await give(session, purchase)

"""Paying a purchase in another way, after a payment that did not come or was declined."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from gateways.payments.gateway import PaymentGateway
from models.payments.payments import CancelReason, PaymentProvider
from models.purchases import Purchase, PurchaseState
from services import idempotency
from services.payments.ending import begin_to_cancel
from services.purchases.access import access_purchase
from services.purchases.paying import Way, ensure_offered, start_payment
from services.viewer import Viewer


async def pay_purchase(
    session: AsyncSession,
    viewer: Viewer,
    *,
    purchase_id: UUID,
    provider: PaymentProvider,
    gateways: Mapping[PaymentProvider, PaymentGateway],
    idempotency_key: str,
) -> Purchase:
    """Pay a PENDING purchase in another way, once per key. The live payment is cancelled.

    Raises `InvalidPurchaseState`, `PaymentNotOffered` and `WalletTooLow`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "payPurchase",
        idempotency_key,
        purchase_id=purchase_id,
        provider=provider,
    )
    locked = await access_purchase(session, viewer, purchase_id, as_buyer=True)
    purchase = locked.purchase
    if claimed.replayed:
        return purchase
    purchase.state.ensure_can_become(PurchaseState.CANCELLED)
    ensure_offered(gateways, provider, purchase.kind, purchase.currency)
    for payment in locked.payments:
        if payment.status.is_live:
            await begin_to_cancel(session, payment, CancelReason.REPLACED)
    await session.flush()
    await start_payment(session, locked, Way(provider))
    await idempotency.record_result(session, claimed, purchase.id)
    return purchase

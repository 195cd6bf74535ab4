"""Payments as their providers see them: by webhooks, the poller, and buyers who come back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from gateways.payments.errors import PaymentProviderError
from gateways.payments.gateway import PaymentGateway, PaymentGateways, ProviderPayment
from models.payments.events import WebhookEvent, WebhookState
from models.payments.payments import WATCHED, CancelReason, Payment, PaymentProvider, PaymentStatus
from services.payments.calls.sending import in_time
from services.payments.ending import begin_to_cancel
from services.payments.settling import settle_payment
from services.transaction import OpenTransaction

BATCH_SIZE = 100
FIRST_LOOK = timedelta(seconds=30)  # after which a payment should have been seen otherwise
IS_WATCHED = text(WATCHED)  # as in the index

log = structlog.get_logger(__name__)


class PaymentEvents:
    """PAYMENT: the payment is fetched, and settled as for the answer of a call."""

    async def fetch(self, gateway: PaymentGateway, event: WebhookEvent) -> ProviderPayment:
        async with in_time():
            return await gateway.find_payment(event.object_reference)

    async def apply(
        self, session: AsyncSession, event: WebhookEvent, found: ProviderPayment
    ) -> WebhookState:
        payment_id = await find_payment_id(session, event.provider, found)
        if payment_id is None:
            return WebhookState.UNMATCHED
        await settle_payment(session, payment_id, found)
        return WebhookState.APPLIED


async def find_payment_id(
    session: AsyncSession, provider: PaymentProvider, seen: ProviderPayment
) -> UUID | None:
    """Return our payment of a provider's object: by its reference, else by our id in it."""
    rows = select(Payment.id).where(Payment.provider == provider)
    known = (await session.exec(rows.where(Payment.reference == seen.reference))).first()
    if known is not None or seen.payment_id is None:
        return known
    return (await session.exec(rows.where(Payment.id == seen.payment_id))).first()


async def look_at_payment(
    transaction: OpenTransaction, gateways: PaymentGateways, payment_id: UUID
) -> None:
    """Ask the provider about a payment, and follow its answer. Raises `NoAnswer`."""
    async with transaction() as session:
        payment = await session.get(Payment, payment_id)
    if payment is None or payment.reference is None or payment.provider not in gateways:
        return
    async with in_time():
        seen = await gateways[payment.provider].find_payment(payment.reference)
    async with transaction() as session:
        settled = await settle_payment(session, payment_id, seen)
        if settled.status is PaymentStatus.CANCELLING:
            reason = settled.cancel_reason or CancelReason.EXPIRED
            await begin_to_cancel(session, settled, reason)


async def look_at_payments(
    transaction: OpenTransaction, gateways: PaymentGateways, after: UUID | None = None
) -> UUID | None:
    """Look at a batch of the payments that are live. Returns the last one if there are more."""
    async with transaction() as session:
        ids = await _find_live(session, after)
    for payment_id in ids:
        try:
            await look_at_payment(transaction, gateways, payment_id)
        except PaymentProviderError as error:
            log.warning("payments.not_looked_at", payment_id=str(payment_id), error=str(error))
        except Exception:
            log.exception("payments.not_settled", payment_id=str(payment_id))
    return ids[-1] if len(ids) == BATCH_SIZE else None


async def _find_live(session: AsyncSession, after: UUID | None) -> Sequence[UUID]:
    rows = select(Payment.id).where(
        IS_WATCHED,
        col(Payment.reference).is_not(None),
        col(Payment.created_at) < now() - FIRST_LOOK,
    )
    if after is not None:
        rows = rows.where(col(Payment.id) > after)
    return (await session.exec(rows.order_by(col(Payment.id)).limit(BATCH_SIZE))).all()

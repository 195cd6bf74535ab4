"""Webhooks about refunds."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from gateways.payments.gateway import PaymentGateway, ProviderRefund
from models.payments.events import WebhookEvent, WebhookState
from services.refunds.outcomes import apply_refund


class RefundEvents:
    """REFUND: the refund is fetched, and its outcome written as for the answer of a call."""

    async def fetch(self, gateway: PaymentGateway, event: WebhookEvent) -> ProviderRefund:
        return await gateway.find_refund(event.object_reference)

    async def apply(
        self, session: AsyncSession, event: WebhookEvent, found: ProviderRefund
    ) -> WebhookState:
        ours = await apply_refund(session, event.provider, found)
        return WebhookState.APPLIED if ours else WebhookState.UNMATCHED


class PaymentRefundEvents:
    """PAYMENT_REFUNDS: a provider that names no refund. All those of the payment are fetched."""

    async def fetch(self, gateway: PaymentGateway, event: WebhookEvent) -> Sequence[ProviderRefund]:
        return await gateway.list_refunds(event.object_reference)

    async def apply(
        self, session: AsyncSession, event: WebhookEvent, found: Sequence[ProviderRefund]
    ) -> WebhookState:
        ours = [await apply_refund(session, event.provider, one) for one in found]
        return WebhookState.APPLIED if any(ours) else WebhookState.UNMATCHED

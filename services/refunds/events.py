"""Webhook events about refunds."""

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

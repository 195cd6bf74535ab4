"""Webhooks about disputes."""

from sqlmodel.ext.asyncio.session import AsyncSession

from gateways.payments.gateway import PaymentGateway, ProviderDispute
from models.payments.events import WebhookEvent, WebhookState
from services.disputes.applying import apply_dispute


class DisputeEvents:
    """DISPUTE: the dispute is fetched, for its state comes from it alone."""

    async def fetch(self, gateway: PaymentGateway, event: WebhookEvent) -> ProviderDispute:
        return await gateway.find_dispute(event.object_reference)

    async def apply(
        self, session: AsyncSession, event: WebhookEvent, found: ProviderDispute
    ) -> WebhookState:
        ours = await apply_dispute(session, event.provider, found)
        return WebhookState.APPLIED if ours else WebhookState.UNMATCHED

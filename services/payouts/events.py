"""Webhooks about payouts and payout accounts."""

from sqlmodel.ext.asyncio.session import AsyncSession

from gateways.payments.gateway import PaymentGateway, ProviderAccount, ProviderPayout
from models.payments.events import WebhookEvent, WebhookState
from services.payouts.accounts.accounts import follow_account
from services.payouts.outcomes import follow_answer
from services.payouts.polling import find_account_of, find_payout_of


class PayoutEvents:
    """PAYOUT: the payout is fetched, for its state comes from it alone."""

    async def fetch(self, gateway: PaymentGateway, event: WebhookEvent) -> ProviderPayout:
        return await gateway.find_payout(event.object_reference)

    async def apply(
        self, session: AsyncSession, event: WebhookEvent, found: ProviderPayout
    ) -> WebhookState:
        known = await find_payout_of(session, event.provider, found)
        if known is None:
            return WebhookState.UNMATCHED
        await follow_answer(session, known, found)
        return WebhookState.APPLIED


class PayoutAccountEvents:
    """ACCOUNT: the account of a vendor is fetched."""

    async def fetch(self, gateway: PaymentGateway, event: WebhookEvent) -> ProviderAccount:
        return await gateway.find_account(event.object_reference)

    async def apply(
        self, session: AsyncSession, event: WebhookEvent, found: ProviderAccount
    ) -> WebhookState:
        known = await find_account_of(session, event.provider, found.reference)
        if known is None:
            return WebhookState.UNMATCHED
        await follow_account(session, known, found)
        return WebhookState.APPLIED

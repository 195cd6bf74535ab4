"""Calls that have a provider send a payout."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from gateways.payments.errors import PaymentProviderError
from gateways.payments.gateway import NewPayout, PaymentGateway, ProviderPayout
from models.payments.calls import ProviderCall
from models.payouts.accounts import PayoutAccount
from models.payouts.payouts import Payout
from services.payments.calls.purposes import Request
from services.payouts.outcomes import follow_answer, refuse_payout

DESCRIPTION = "Haat payout"


class PayingOut:
    """PAYOUT: the subject is the payout."""

    async def read(self, session: AsyncSession, sealer: Sealer, call: ProviderCall) -> Request:
        payout = await session.get_one(Payout, call.subject_id)
        account = await session.get_one(PayoutAccount, payout.payout_account_id)
        return Request(
            NewPayout(
                payout_id=payout.id,
                account=account.reference or "",
                amount=payout.amount,
                currency=payout.currency,
                description=DESCRIPTION,
            )
        )

    async def send(self, gateway: PaymentGateway, wanted: NewPayout, *, key: str) -> ProviderPayout:
        return await gateway.pay_out(wanted, key=key)

    async def search(self, gateway: PaymentGateway, wanted: NewPayout) -> ProviderPayout | None:
        return await gateway.search_payout(wanted)

    async def done(self, session: AsyncSession, call: ProviderCall, answer: ProviderPayout) -> None:
        await follow_answer(session, call.subject_id, answer)

    async def refused(
        self, session: AsyncSession, call: ProviderCall, error: PaymentProviderError
    ) -> None:
        await refuse_payout(session, call.subject_id, str(error))

"""A provider, and a vendor whom it pays out."""

from dataclasses import dataclass

import pytest

from gateways.payments.gateway import PaymentGateways
from models.payments.calls import CallPurpose
from models.payments.payments import PaymentProvider
from models.payouts.accounts import PayoutAccount, PayoutRail
from models.payouts.payouts import Payout
from models.vendors import Vendor
from services.payments.calls.rows import find_open_call
from services.payments.calls.sending import CallSender
from services.payouts.starting import start_payout
from services.transaction import Transactions
from tests.factories.world import World
from tests.payout_gateway import PayoutProvider


@dataclass
class Rail:
    """A vendor with an account at Stripe and money, and what the jobs do about its payouts."""

    world: World
    transactions: Transactions
    provider: PayoutProvider
    vendor: Vendor
    account: PayoutAccount

    @property
    def gateways(self) -> PaymentGateways:
        return {PaymentProvider.STRIPE: self.provider.gateway}

    @property
    def sender(self) -> CallSender:
        return CallSender(self.transactions.begin, self.gateways, self.world.sealer)

    async def plan(self, amount: int = 500_00) -> Payout:
        return await self.world.payout(self.account, amount)

    async def start(self, payout: Payout) -> None:
        await start_payout(self.transactions.begin, self.gateways, payout.id)

    async def send(self, payout: Payout) -> None:
        """Send the call that is open, as its job does. Faults of the provider are raised."""
        async with self.transactions.begin() as session:
            call_id = await find_open_call(session, payout.id, CallPurpose.PAYOUT)
        assert call_id is not None
        await self.sender.send(call_id)


@pytest.fixture
async def rail(world: World, transactions: Transactions) -> Rail:
    owner = await world.user()
    vendor = await world.vendor(owner, currency="EUR", country="DE")
    account = await world.payout_account(
        vendor, owner, rail=PayoutRail.STRIPE, country="DE", bank_code=None
    )
    await world.earned(vendor, 600_00)
    return Rail(world, transactions, PayoutProvider(), vendor, account)

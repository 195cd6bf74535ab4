"""A payout and its account, a file, and a line of a provider."""

from sqlmodel import SQLModel

from core.clock import now
from models.payments.payments import PaymentProvider
from models.payouts.files import PayoutFile, PayoutFormat
from models.payouts.reconciliation import ProviderTransaction, TransactionKind
from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {
    "Payout": {OWNER, ADMIN},
    "PayoutAccount": {OWNER, ADMIN},
    "PayoutFile": {ADMIN},
    "ProviderTransaction": {ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    world = scene.world
    account = await world.payout_account(scene.vendor)
    payout = await world.payout(account)
    file = PayoutFile(
        currency="INR",
        format=PayoutFormat.NEFT_CSV,
        count=1,
        total=payout.amount,
        made_by=account.set_by,
    )
    line = ProviderTransaction(
        provider=PaymentProvider.STRIPE,
        external_id="txn_1",
        kind=TransactionKind.PAYMENT,
        amount=100,
        net=100,
        currency="INR",
        happened_at=now(),
    )
    await world.save(file, line)
    return {
        "Payout": payout,
        "PayoutAccount": account,
        "PayoutFile": file,
        "ProviderTransaction": line,
    }

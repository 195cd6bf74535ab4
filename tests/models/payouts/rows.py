"""A payout in a file with its account, terms, a debt, a release, and a line of a provider."""

from core.clock import now
from models.payments.payments import PaymentProvider
from models.payouts.debts import VendorDebt
from models.payouts.files import PayoutFile, PayoutFormat
from models.payouts.reconciliation import ProviderTransaction, TransactionKind
from models.payouts.terms import PayoutTerms, SuborderRelease
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    account = await world.payout_account(till.vendor, till.customer)
    file = PayoutFile(
        currency="INR",
        format=PayoutFormat.NEFT_CSV,
        count=1,
        total=100_00,
        made_by=till.customer.id,
    )
    await world.save(file)
    await world.payout(
        account,
        100_00,
        file_id=file.id,
        requested_by=till.customer.id,
        return_reason="No such account",
        return_noted_by=till.customer.id,
        return_noted_at=now(),
    )
    placed = await world.placed_order(till.customer, [till.vendor])
    await world.save(
        PayoutTerms(vendor_id=till.vendor.id, admin_id=till.customer.id),
        VendorDebt(vendor_id=till.vendor.id, currency="INR", since=now()),
        SuborderRelease(
            suborder_id=placed.suborders[0].id,
            vendor_id=till.vendor.id,
            currency="INR",
            amount=0,
            released_at=now(),
        ),
        ProviderTransaction(
            provider=PaymentProvider.STRIPE,
            external_id="txn_1",
            kind=TransactionKind.PAYMENT,
            amount=100,
            net=100,
            currency="INR",
            happened_at=now(),
        ),
    )

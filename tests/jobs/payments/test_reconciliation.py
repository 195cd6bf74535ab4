"""The books of both providers, which agree with the ledger to the last unit, with all fees."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select, update

from core.clock import now
from core.ids import new_id
from models.ledger.accounts import Account, AccountKind
from models.payments.payments import Payment
from models.payouts.payouts import PayoutState
from models.payouts.reconciliation import (
    DiscrepancyCause,
    MatchState,
    ProviderTransaction,
    TransactionKind,
)
from models.purchases import Purchase
from services.ledger.balances import read_balance
from tests.client import gid
from tests.factories.paid_out import PaidOutVendor
from tests.factories.paying import RETURN_URL, PayingShop
from tests.invariants import check_invariants

EUR, NGN = 100_00, 150_000_00
NIGHT = ("reconcile_providers",)


async def top_up(shop: PayingShop, provider: str, amount: int, currency: str) -> Payment:
    """Return a payment for a wallet that a provider has collected."""
    user = await shop.world.user(email=f"{new_id()}@haat.example")
    given = {
        "amountMinor": amount,
        "currency": currency,
        "provider": provider,
        "returnUrl": RETURN_URL,
        "idempotencyKey": str(new_id()),
    }
    assert await shop.api.signed_in(user).refusal_codes("topUpWallet", given) == []
    (purchase,) = await shop.world.purchases(user)
    async with shop.world.database.session() as session:
        rows = select(Payment).where(Payment.purchase_id == purchase.id)
        payment = (await session.exec(rows)).one()
    if provider == "STRIPE":
        shop.pay(payment)
    else:
        shop.stand_in.act("pay_transaction", id=payment.reference)
    await shop.webhooks()
    return payment


async def pay_out(vendor: PaidOutVendor, amount: int, *actions: str) -> PayoutState:
    """Pay a vendor out, and let its bank do something."""
    await vendor.earn(amount)
    await vendor.wait()
    assert await vendor.request(amountMinor=amount) == []
    await vendor.shop.work()
    payout = await vendor.payout()
    kind = "payout" if vendor.vendor.currency == "EUR" else "paystack_transfer"
    for action in actions:
        (id,) = vendor.objects(payout, kind)
        vendor.shop.stand_in.act(action, id=id)
        await vendor.shop.webhooks()
    return (await vendor.payout()).state


async def lines(shop: PayingShop) -> Sequence[ProviderTransaction]:
    async with shop.world.database.session() as session:
        rows = select(ProviderTransaction).order_by(col(ProviderTransaction.id))
        return (await session.exec(rows)).all()


async def balances(shop: PayingShop) -> dict[str, tuple[int, int]]:
    """Return what the providers have by currency, and what the ledger has there."""
    found: dict[str, int] = {}
    for gateway in shop.worker.payments.values():
        for currency, one in (await gateway.balances()).items():
            found[currency] = found.get(currency, 0) + one.available + one.pending
    async with shop.world.database.session() as session:
        return {
            currency: (
                amount,
                -await read_balance(session, Account(AccountKind.PROVIDER, currency)),
            )
            for currency, amount in found.items()
        }


async def refund(shop: PayingShop, payment: Payment, amount: int) -> None:
    admin = shop.api.signed_in(await shop.world.admin())
    async with shop.world.database.session() as session:
        purchase = await session.get_one(Purchase, payment.purchase_id)
    given: dict[str, Any] = {
        "purchaseId": gid(purchase),
        "amountMinor": amount,
        "idempotencyKey": str(new_id()),
    }
    assert await admin.refusal_codes("refundPurchase", given) == []
    await shop.webhooks()


async def test_the_books_agree_to_the_last_unit(shop: PayingShop) -> None:
    """Payments, refunds, a dispute, and payouts that are paid, fail and come back."""
    shop.stand_in.control(automatic_payouts=False)
    paid, disputed = [await top_up(shop, "STRIPE", EUR, "EUR") for _ in range(2)]
    naira, lost = [await top_up(shop, "PAYSTACK", NGN, "NGN") for _ in range(2)]
    euros = await PaidOutVendor.create(shop, "DE", "EUR")
    await euros.onboard()
    nairas = await PaidOutVendor.create(shop, "NG", "NGN")
    await nairas.set_bank("0123456789")
    await refund(shop, paid, 20_00)
    await refund(shop, naira, 10_000_00)
    states = [
        await pay_out(euros, 30_00, "pay_payout"),
        await pay_out(nairas, 20_000_00, "pay_payout"),
    ]
    await euros.run(*NIGHT)
    assert {one.state for one in await lines(shop)} == {MatchState.MATCHED}
    states.append(await pay_out(euros, 10_00, "fail_payout"))
    states.append(await pay_out(nairas, 5_000_00, "fail_payout"))
    opened = shop.stand_in.act("dispute", id=disputed.reference)
    await shop.webhooks()
    shop.stand_in.act("lose_dispute", id=opened["id"])
    await shop.webhooks()
    shop.stand_in.act("charge_dispute_fee", id=opened["id"], fee=2_00)
    shop.stand_in.act("reinstate_dispute", id=opened["id"], fee_back=15_00)
    other = shop.stand_in.act("dispute", id=lost.reference)
    shop.stand_in.act("lose_dispute", id=str(other["id"]))
    shop.stand_in.act("settle", currency="NGN")
    await shop.webhooks()
    for _ in range(2):
        await euros.run(*NIGHT)
    assert states == [PayoutState.PAID] * 2 + [PayoutState.FAILED] * 2
    found = await lines(shop)
    assert [one for one in found if one.state is not MatchState.MATCHED] == []
    assert {one.kind for one in found} >= {
        TransactionKind.PAYMENT,
        TransactionKind.REFUND,
        TransactionKind.TRANSFER,
        TransactionKind.DISPUTE,
        TransactionKind.PAYOUT,
    }
    assert sum(one.fee for one in found if one.currency == "EUR") > 0
    assert sum(one.fee for one in found if one.currency == "NGN") > 0
    for theirs, ours in (await balances(shop)).values():
        assert theirs == ours
    await check_invariants(shop.world.database)
    await _differs(shop, euros)


async def _differs(shop: PayingShop, vendor: PaidOutVendor) -> None:
    """Money of which the ledger knows nothing is a discrepancy after a day, and once."""
    before = len(await lines(shop))
    shop.stand_in.act("top_up", amount=7_00, currency="eur")
    await vendor.run(*NIGHT)
    (added,) = (await lines(shop))[before:]
    assert (added.kind, added.state) == (TransactionKind.OTHER, MatchState.NEW)
    async with shop.world.database.session() as session, session.begin():
        this = update(ProviderTransaction).where(col(ProviderTransaction.id) == added.id)
        await session.exec(this.values(happened_at=now() - timedelta(days=2)))
    for _ in range(2):
        await vendor.run(*NIGHT)
    (added,) = (await lines(shop))[before:]
    assert (added.state, added.cause) == (MatchState.DISCREPANT, DiscrepancyCause.NOT_POSTED)

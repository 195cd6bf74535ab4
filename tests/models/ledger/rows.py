"""An entry between two accounts, a snapshot, two adjustments, a sweep, and promotional money."""

from core.clock import now
from core.ids import new_id
from models.ledger.accounts import AccountKind, LedgerAccount, LedgerSnapshot
from models.ledger.adjustments import LedgerAdjustment
from models.ledger.entries import LedgerEntry
from models.ledger.promo_money import PromoMoney, PromoMoneyUse
from models.ledger.sweeps import LedgerSweep
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    bank = LedgerAccount(kind=AccountKind.BANK, currency="EUR")
    wallet = LedgerAccount(
        kind=AccountKind.WALLET,
        currency="EUR",
        owner_id=till.customer.id,
        guarded=True,
        balance=100,
    )
    adjustment = LedgerAdjustment(
        debit=AccountKind.BANK,
        credit=AccountKind.WALLET,
        owner_id=till.customer.id,
        currency="EUR",
        amount=100,
        reason="Paid in at the counter",
        proposed_by=till.customer.id,
    )
    tax = LedgerAdjustment(
        debit=AccountKind.TDS_DUE,
        credit=AccountKind.BANK,
        currency="EUR",
        amount=100,
        reason="October",
        reference="CIN 1",
        proposed_by=till.customer.id,
    )
    entry = LedgerEntry(
        posting=f"adjust:{adjustment.id}",
        leg=0,
        debit_id=bank.id,
        credit_id=wallet.id,
        currency="EUR",
        amount=100,
    )
    snapshot = LedgerSnapshot(account_id=bank.id, upto=1, balance=0)
    sweep = LedgerSweep.of(1, 1, [])
    money = PromoMoney(
        owner_id=till.customer.id,
        currency="EUR",
        amount=100,
        remaining=60,
        ends_at=now(),
        adjustment_id=adjustment.id,
    )
    use = PromoMoneyUse(promo_money_id=money.id, subject_id=new_id(), amount=40)
    await world.save(bank, wallet, adjustment, entry, snapshot, sweep, money, use, tax)

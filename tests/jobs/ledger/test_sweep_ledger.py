"""The nightly sweep finds what disagrees, one planted fault for each rule."""

import pytest
from sqlalchemy import text
from sqlmodel import update
from structlog.testing import capture_logs

from core.clock import now
from core.database import Database
from core.ids import new_id
from models.ledger.accounts import Account, AccountKind
from models.ledger.adjustments import AdjustmentState
from models.ledger.entries import Leg, Posting, PostingKind
from models.ledger.sweeps import LedgerRule
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.orders.timeline import OrderActor
from models.payments.refunds import RefundReason
from models.payouts.payouts import PayoutCause, PayoutState
from models.pricing.deductions import DeductionRates
from services.ledger.campaigns import CampaignWallet, hold_campaign
from services.ledger.posting import post_entries
from services.orders.handling.delivering import release_part
from services.orders.parts import find_lines, lock_part
from services.orders.refunds.granting import cancel_units, grant_refund
from services.transaction import Transactions
from tests.factories.orders import PlacedOrder
from tests.factories.payouts import POLICY
from tests.factories.world import World
from tests.invariants.ledger import check_books
from tests.jobs.conftest import Defer, Work

LAST = text("SELECT * FROM ledger_sweep ORDER BY id DESC LIMIT 1")  # the night can bring another
UNCLAIMED = """
    UPDATE payment SET ended_at = now() - interval '16 minutes';
    DELETE FROM payment_split
"""
# Rows that only a fault could write, and the rules that they break.
FAULTS = {
    LedgerRule.GUARDED_BALANCE: "UPDATE ledger_account SET balance = balance + 7 WHERE guarded",
    LedgerRule.SNAPSHOT: """
        INSERT INTO ledger_snapshot (account_id, upto, balance)
        SELECT id, pg_snapshot_xmin(pg_current_snapshot()), 7 FROM ledger_account
        WHERE kind = 'UNCLAIMED'
    """,
    LedgerRule.ZERO_SUM: """
        DELETE FROM ledger_account WHERE kind = 'BANK'
    """,
    LedgerRule.EXPLAINED: "UPDATE suborder SET vendor_net = vendor_net - 7, tds = tds + 7",
    LedgerRule.UNCLAIMED: UNCLAIMED,
    LedgerRule.HELD: """
        UPDATE ledger_entry SET amount = amount - 7 WHERE debit_id IN (
            SELECT id FROM ledger_account WHERE kind = 'WALLET_HELD'
        )
    """,
    LedgerRule.OWNER: "UPDATE ledger_account SET owner_id = gen_random_uuid() WHERE guarded",
    LedgerRule.PARCELS: "UPDATE order_line SET shipped = 1",
}


async def order(world: World) -> PlacedOrder:
    return await world.placed_order(await world.user(), [await world.vendor()], wallet=5_00)


async def test_a_sweep_of_what_agrees_finds_nothing(world: World, defer: Defer, work: Work) -> None:
    await order(world)
    await check_books(world.database)
    with capture_logs() as logged:
        await defer("sweep_ledger", timestamp=0)
        await work()
    swept = next(one for one in logged if one["event"] == "ledger.swept")
    async with world.database.session() as session:
        entries = await session.scalar(text("SELECT count(*) FROM ledger_entry"))
        row = (await session.execute(LAST)).one()
    assert (row.entries, row.finding_count, row.findings) == (entries, 0, [])
    assert swept["findings"] == 0


@pytest.mark.parametrize("rule", FAULTS)
async def test_a_sweep_finds_each_fault(
    world: World, superuser: Database, defer: Defer, work: Work, rule: LedgerRule
) -> None:
    await order(world)
    async with superuser.session() as session, session.begin():
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in FAULTS[rule].split(";"):
            await session.execute(text(statement))
    with capture_logs() as logged:
        await defer("sweep_ledger", timestamp=0)
        await work()
    assert rule in {one["rule"] for one in logged if one["event"] == "ledger.differs"}
    async with world.database.session() as session:
        row = (await session.execute(LAST)).one()
    assert rule in {one["rule"] for one in row.findings}


# A fault for each query that explains a balance, and the account whose balance it changes.
UNEXPLAINED = [
    (AccountKind.V_AVAILABLE, "UPDATE suborder_release SET reserved = reserved - 7"),
    (AccountKind.V_AVAILABLE, "UPDATE payout SET state = 'PAID', cause = NULL"),
    (AccountKind.V_AVAILABLE, "UPDATE ledger_adjustment SET amount = amount + 7"),
    (AccountKind.V_AVAILABLE, "DELETE FROM refund_line"),
    (AccountKind.TCS_DUE, "DELETE FROM refund_line"),
    (AccountKind.TDS_DUE, "UPDATE suborder SET vendor_net = vendor_net - 7, tds = tds + 7"),
    (AccountKind.TDS_DUE, "UPDATE ledger_adjustment SET amount = amount + 7"),
    (AccountKind.PACK_DEFERRED, "UPDATE pack_grant SET earned = earned + 7"),
    (AccountKind.WALLET_HELD, """UPDATE "order" SET state = 'PENDING'"""),
    (AccountKind.WALLET_HELD, "UPDATE ledger_entry SET posting = replace(posting, '_hold', '')"),
]


async def open_rows(world: World, transactions: Transactions) -> None:
    """Sell and release a part, refund a unit of it, and pay a part of its tax.

    Fail a payout, write a debt off, sell a pack, and hold money.
    """
    vendor, admin = await world.vendor(), await world.admin()
    placed = await world.placed_order(
        await world.user(),
        [vendor],
        wallet=5_00,
        state=SubOrderState.DELIVERED,
        rates=DeductionRates(commission=1_000, commission_tax=1_800, tcs=50, tds=10),
    )
    async with world.database.session() as session, session.begin():
        await session.execute(update(SubOrder).values(release_at=now(), delivered_at=now()))
    async with transactions.begin() as session:
        assert await release_part(session, placed.suborders[0].id, POLICY)
    async with transactions.begin() as session:
        part = await lock_part(session, placed.suborders[0].id)
        lines = await find_lines(session, part.suborder.id)
        units = cancel_units([(lines[0], 1)])
        reason, actor = RefundReason.GOODWILL, OrderActor.VENDOR
        await grant_refund(session, part.order, units, reason, actor=actor, restock=False)
    await world.payout(
        await world.payout_account(vendor),
        state=PayoutState.FAILED,
        cause=PayoutCause.PROVIDER,
        ended_at=now(),
    )
    decided = {
        "state": AdjustmentState.APPROVED,
        "decided_by": admin.id,
        "decided_at": now(),
    }
    debt = await world.adjustment(
        vendor, debit=AccountKind.LOSSES, credit=AccountKind.V_AVAILABLE, **decided
    )
    paid = await world.tax_payment(1, **decided)
    await world.bought(vendor, admin)
    await world.fund(vendor, 9_00)
    wallet = CampaignWallet(vendor.id, "INR", new_id())
    async with transactions.begin() as session:
        for one in (debt, paid):
            leg = Leg(one.account(one.debit), one.account(one.credit), one.amount)
            await post_entries(session, one.posting, [leg])
        await hold_campaign(session, wallet, 9_00)


@pytest.mark.parametrize(("kind", "fault"), UNEXPLAINED)
async def test_each_balance_is_explained_by_its_rows(
    world: World, superuser: Database, transactions: Transactions, kind: AccountKind, fault: str
) -> None:
    await open_rows(world, transactions)
    await check_books(world.database)
    async with superuser.session() as session, session.begin():
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text(fault))
    with pytest.raises(AssertionError, match=f"EXPLAINED: {kind} INR"):
        await check_books(world.database)


async def test_an_adjustment_that_was_not_posted_is_found(
    world: World, defer: Defer, work: Work
) -> None:
    adjustment = await world.adjustment(await world.user())
    leg = Leg(Account(AccountKind.BANK, "INR"), Account(AccountKind.LOSSES, "INR"), 1)
    async with world.database.session() as session, session.begin():
        await post_entries(session, Posting(PostingKind.ADJUST, adjustment.id), [leg])
    await defer("sweep_ledger", timestamp=0)
    await work()
    async with world.database.session() as session:
        row = (await session.execute(LAST)).one()
    assert row.findings == [
        {"rule": "ADJUSTMENT", "subject": str(adjustment.id), "difference": adjustment.amount}
    ]


async def test_money_that_no_payment_explains_is_found(world: World) -> None:
    leg = Leg(Account(AccountKind.BANK, "INR"), Account(AccountKind.UNCLAIMED, "INR"), 1_00)
    async with world.database.session() as session, session.begin():
        await post_entries(session, Posting(PostingKind.PAY, new_id()), [leg])
    with pytest.raises(AssertionError, match="UNCLAIMED INR"):
        await check_books(world.database)

"""The nightly sweep finds what disagrees, one planted fault for each rule."""

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from core.database import Database
from core.ids import new_id
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.ledger.sweeps import LedgerRule
from services.ledger.posting import post_entries
from tests.factories.orders import PlacedOrder
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

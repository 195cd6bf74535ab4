"""The hourly job takes snapshots of all accounts, in batches."""

import pytest
from sqlalchemy import text

from core.ids import new_id
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from services.ledger import balances
from services.ledger.posting import post_entries
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work

COUNT = text("SELECT count(*) FROM ledger_snapshot")


async def test_snapshots_are_taken_in_batches(
    world: World, defer: Defer, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(balances, "BATCH_SIZE", 2)
    bank = Account(AccountKind.BANK, "INR")
    vendors = [await world.vendor() for _ in range(4)]
    pending = [Account(AccountKind.V_PENDING, "INR", one.id) for one in vendors]
    async with world.database.session() as session, session.begin():
        legs = [Leg(bank, one, 1) for one in pending]
        await post_entries(session, Posting(PostingKind.PAY, new_id()), legs)
    await world.transactions_end()
    await defer("snapshot_ledger", timestamp=0)
    await work()
    async with world.database.session() as session:
        assert await session.scalar(COUNT) == len(legs) + 1
        assert await balances.read_balance(session, bank) == -len(legs)
    await check_invariants(world.database)

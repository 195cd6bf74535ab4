"""Balances by snapshot and tail, while transactions commit in another order than they began."""

import pytest
from sqlalchemy import text

from core.database import Database
from core.errors import NotAllowed, NotSignedIn
from core.ids import FIRST_ID, new_id
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from services.ledger.balances import (
    drop_foreign_snapshots,
    read_balance,
    read_trial_balance,
    snapshot_balances,
)
from services.ledger.posting import post_entries
from services.viewer import ANONYMOUS, Viewer
from tests.factories.world import World
from tests.invariants import check_invariants

BANK, UNCLAIMED = Account(AccountKind.BANK, "INR"), Account(AccountKind.UNCLAIMED, "INR")
SNAPSHOTS = text("SELECT count(*), max(abs(balance)) FROM ledger_snapshot")
NEWEST = text("SELECT id FROM ledger_entry ORDER BY id DESC LIMIT 1")
AFTER = text("SELECT count(*) FROM ledger_entry WHERE id > :newest")


def payment(amount: int) -> tuple[Posting, list[Leg]]:
    return Posting(PostingKind.PAY, new_id()), [Leg(BANK, UNCLAIMED, amount)]


async def pay(world: World, amount: int) -> None:
    async with world.database.session() as session, session.begin():
        await post_entries(session, *payment(amount))


async def take_snapshots(database: Database) -> None:
    async with database.session() as session, session.begin():
        await drop_foreign_snapshots(session)
        last = await snapshot_balances(session, FIRST_ID)
        assert last is not None
        assert await snapshot_balances(session, last) is None


async def balance(world: World) -> int:
    async with world.database.session() as session:
        return await read_balance(session, UNCLAIMED)


async def test_a_snapshot_and_what_came_after_it_is_the_balance(world: World) -> None:
    await pay(world, 100)
    await world.transactions_end()
    await take_snapshots(world.database)
    async with world.database.session() as session:
        assert (await session.execute(SNAPSHOTS)).one() == (2, 100)
    await pay(world, 10)
    assert await balance(world) == 110
    await take_snapshots(world.database)
    await take_snapshots(world.database)
    assert await balance(world) == 110
    await check_invariants(world.database)


async def test_an_entry_that_is_committed_after_later_ones_is_not_lost(world: World) -> None:
    """A cut at the newest id would lose it, as the control shows."""
    await pay(world, 1)
    async with world.database.session() as slow, slow.begin():
        await post_entries(slow, *payment(100))
        await pay(world, 10)
        await take_snapshots(world.database)
        async with world.database.session() as session:
            newest = await session.scalar(NEWEST)
        assert await balance(world) == 11
    assert await balance(world) == 111
    async with world.database.session() as session:
        assert await session.scalar(AFTER, {"newest": newest}) == 0, "a control: it came before"
    await take_snapshots(world.database)
    assert await balance(world) == 111
    await check_invariants(world.database)


async def test_snapshots_of_another_database_are_not_used(
    world: World, superuser: Database
) -> None:
    """After a restore from a dump, transaction ids start again below those of the snapshots."""
    await pay(world, 100)
    await world.transactions_end()
    await take_snapshots(world.database)
    async with world.database.session() as session, session.begin():
        await session.execute(
            text("UPDATE ledger_snapshot SET upto = '1000000000000', balance = 7")
        )
    await pay(world, 10)
    assert await balance(world) == 110
    await world.transactions_end()
    await take_snapshots(world.database)
    assert await balance(world) == 110
    async with world.database.session() as session:
        assert (await session.execute(SNAPSHOTS)).one() == (2, 110)
    await check_invariants(world.database)


async def test_the_trial_balance_sums_to_zero(world: World) -> None:
    user, admin = await world.user(), await world.admin()
    await world.fund(user, 50, promo=5)
    await pay(world, 100)
    await take_snapshots(world.database)
    await pay(world, 10)
    async with world.database.session() as session:
        found = await read_trial_balance(session, Viewer(admin.id, admin=True), "INR")
        balances = {one.kind: one.balance for one in found}
        assert balances == {
            AccountKind.BANK: -165,
            AccountKind.UNCLAIMED: 110,
            AccountKind.WALLET: 50,
            AccountKind.WALLET_PROMO: 5,
        }
        assert await read_trial_balance(session, Viewer(admin.id, admin=True), "EUR") == []
        with pytest.raises(NotSignedIn):
            await read_trial_balance(session, ANONYMOUS, "INR")
        with pytest.raises(NotAllowed):
            await read_trial_balance(session, Viewer(user.id), "INR")

"""The pulse: one entry for what many change, and nothing before its predecessors are known."""

import asyncio

import pytest
from sqlalchemy import Uuid, bindparam, text
from sqlmodel import select

from core.database import for_reliance
from core.statements.selected import columns_of
from core.statements.statement import Statement
from models.events.changes import EventChangeKind
from models.events.dates import EventDate
from services.events import pulse as pulses
from services.events.announcing import record_change
from services.events.entries import DatePulsed
from services.events.holds import sale
from services.events.pulse import find_changed, pulse
from services.journal.entries import Entry
from services.journal.topics import event_topic
from services.transaction import Transactions
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.events.hall import Hall


class Quiet:
    def publish(self, grown: object) -> None: ...


async def fold(world: World, hall: Hall) -> bool:
    """Fold when nothing is in progress, also in other databases of the server."""
    await world.transactions_end()
    return await fold_now(world, hall)


async def fold_now(world: World, hall: Hall) -> bool:
    async with Transactions(world.database, Quiet()).begin() as session:
        return await pulse(session, hall.date.id)


async def entries(world: World, hall: Hall) -> list[Entry]:
    rows = text("SELECT kind, facts FROM journal_entry WHERE topic = :topic ORDER BY seq")
    async with world.database.session() as session:
        found = await session.execute(rows, {"topic": event_topic(hall.event.id)})
        return [Entry.decode(kind, facts) for kind, facts in found]


async def test_a_pulse_folds_the_changes_of_many_into_one_entry(world: World, api: Client) -> None:
    hall = await Hall.open(world)
    for row in (0, 1):
        await hall.take(api.signed_in(await world.user()), row, 0, 1)
    async with world.database.session() as session:
        assert await find_changed(session) == [hall.date.id]
    assert await fold(world, hall)
    (entry,) = await entries(world, hall)
    assert isinstance(entry, DatePulsed)
    assert set(entry.row_ids) == {row[0].row_id for row in hall.rows}
    date = await world.fresh(hall.date)
    assert (date.stat_held, date.stat_sold) == (4, 0)
    assert not await fold(world, hall), "nothing is announced twice"
    async with world.database.session() as session:
        assert await find_changed(session) == []


@pytest.mark.parametrize("locks", [False, True])
async def test_a_pulse_waits_for_no_sale(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, locks: bool
) -> None:
    """Sales that locked the date would let the pulse wait as long as one begins in another."""
    hall = await Hall.open(world)
    await hall.take(api.signed_in(hall.user), 0, 0, 1)
    await world.transactions_end()
    if locks:
        monkeypatch.setattr(sale, "DATE", LOCKED_DATE)
    async with world.database.session() as session, session.begin():
        await sale.open_sale(session, hall.date.id, [hall.kind.id])
        folding = asyncio.ensure_future(fold_now(world, hall))
        done, _ = await asyncio.wait([folding], timeout=0.5 if locks else 5)
        assert bool(done) is not locks
    assert await folding


LOCKED_DATE = Statement(
    for_reliance(select(*columns_of(EventDate)).where(sale._THIS_DATE)), EventDate
)


async def test_many_rows_are_several_entries(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulses, "MAX_ROWS", 1)
    hall = await Hall.open(world)
    for row in (0, 1):
        await hall.take(api.signed_in(await world.user()), row, 0, 1)
    assert await fold(world, hall)
    found = await entries(world, hall)
    assert len({entry.row_ids for entry in found if isinstance(entry, DatePulsed)}) == 2


UNGUARDED = Statement(
    text(
        """
        WITH gone AS (
            DELETE FROM event_change WHERE event_date_id = :event_date_id RETURNING id, kind, ids
        )
        SELECT kind, ids FROM gone ORDER BY id
        """
    ).bindparams(bindparam("event_date_id", type_=Uuid()))
)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_change_waits_for_the_transactions_before_it(
    world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the guard, the later change is announced while the earlier one is unknown."""
    if not guarded:
        monkeypatch.setattr(pulses, "TAKE", UNGUARDED)
    hall = await Hall.open(world)
    first, second = hall.rows[0][0].id, hall.rows[1][0].id
    async with world.database.session() as slow, slow.begin():
        await record_change(slow, hall.date.id, EventChangeKind.SEATS, [first])
        async with world.database.session() as session, session.begin():
            await record_change(session, hall.date.id, EventChangeKind.SEATS, [second])
        assert await fold_now(world, hall) is not guarded
    assert await fold(world, hall)
    assert len(await entries(world, hall)) == (1 if guarded else 2)


async def test_one_process_at_a_time_folds_a_date(world: World) -> None:
    hall = await Hall.open(world)
    async with world.database.session() as session, session.begin():
        await record_change(session, hall.date.id, EventChangeKind.SEATS, [hall.rows[0][0].id])
    await world.transactions_end()
    async with Transactions(world.database, Quiet()).begin() as session:
        assert await pulse(session, hall.date.id)
        assert not await fold_now(world, hall), "another one does not wait"
    assert len(await entries(world, hall)) == 1

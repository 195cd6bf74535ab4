"""RefreshConfirmations of refreshes: stored once, in batches, and not lost with the database."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from core.database import Database
from core.ids import new_id
from models.identity.accounts import UserSession
from services.identity.sessions import refresh_confirmations
from services.identity.sessions.refresh_confirmations import RefreshConfirmations
from services.transaction import Transactions
from tests.factories.world import World
from tests.resolvers.counting import captured


async def sessions(world: World, count: int, rotations: int = 3) -> list[UUID]:
    user = await world.user()
    rows = [UserSession(user_id=user.id, rotations=rotations) for _ in range(count)]
    await world.save(*rows)
    return [row.id for row in rows]


async def confirmed(database: Database, ids: list[UUID]) -> set[int]:
    async with database.session() as session:
        rows = select(UserSession).where(UserSession.id.in_(ids))  # type: ignore[attr-defined]
        return {row.confirmed for row in (await session.exec(rows)).all()}


async def test_many_uses_are_stored_in_one_statement(
    world: World, database: Database, transactions: Transactions
) -> None:
    ids, noted = await sessions(world, 50), RefreshConfirmations(transactions)
    for id in ids * 3:
        noted.note(id, 2)
    noted.note(new_id(), 1)  # a session that was deleted
    with captured() as seen:
        await noted.flush()
        for id in ids:
            noted.note(id, 2)
            noted.note(id, 1)
        await noted.flush()
    assert len(seen) == 1
    assert await confirmed(database, ids) == {2}


async def test_first_tokens_and_later_numbers_than_rotations(
    world: World, database: Database, transactions: Transactions
) -> None:
    """A token of a session that a restored backup does not know fails no batch."""
    ids, noted = await sessions(world, 1), RefreshConfirmations(transactions)
    noted.note(ids[0], 0)
    with captured() as seen:
        await noted.flush()
    assert seen == []
    noted.note(ids[0], 9)
    await noted.flush()
    assert await confirmed(database, ids) == {3}


async def test_processes_confirm_the_same_sessions_at_once(
    world: World, database: Database, transactions: Transactions
) -> None:
    ids = await sessions(world, 200)
    processes = [RefreshConfirmations(transactions) for _ in range(4)]
    for number, process in enumerate(processes):
        for id in ids if number % 2 else reversed(ids):
            process.note(id, 3)
    await asyncio.gather(*(process.flush() for process in processes))
    assert await confirmed(database, ids) == {3}


async def test_they_stay_pending_while_the_database_is_away(
    world: World, database: Database, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("BEGIN", None, ConnectionRefusedError())

    ids, noted = await sessions(world, 2), RefreshConfirmations(transactions)
    noted.note(ids[0], 1)
    with monkeypatch.context() as away:
        away.setattr(transactions, "begin", refuse)
        with pytest.raises(OperationalError):
            await noted.flush()
        noted.note(ids[1], 1)
    await noted.start()
    await noted.stop()
    assert await confirmed(database, ids) == {1}


async def test_pending_ones_are_limited(
    world: World, database: Database, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that have no place are noted at the next use."""
    monkeypatch.setattr(refresh_confirmations, "MAX_PENDING", 2)
    monkeypatch.setattr(refresh_confirmations, "MAX_KNOWN", 2)
    ids, noted = await sessions(world, 3), RefreshConfirmations(transactions)
    for _ in range(2):
        for id in ids:
            noted.note(id, 1)
        await noted.flush()
    assert await confirmed(database, ids) == {1}

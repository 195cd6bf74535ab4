"""SQL that every domain uses: counters, and rows that are locked or created."""

import asyncio

from sqlmodel import col, select

from core.database import Database, increment, lock_or_create
from core.ids import new_id
from models.chat.conversations import Inbox, InboxReader
from models.notifications.inbox import NotificationInbox
from services.transaction import Transactions
from tests.factories.world import World


async def test_increment_inserts_the_row_and_then_adds(
    world: World, database: Database, transactions: Transactions
) -> None:
    owner_id, reader = new_id(), await world.user()
    for by in (1, 4):
        async with transactions.begin() as session:
            await increment(session, col(Inbox.received), owner_id=owner_id)
            await increment(
                session, col(InboxReader.read), by, owner_id=owner_id, user_id=reader.id
            )
    async with database.session() as session:
        assert (await session.get_one(Inbox, owner_id)).received == 2
        assert (await session.get_one(InboxReader, (owner_id, reader.id))).read == 5


async def test_increments_at_the_same_time_all_count(
    database: Database, transactions: Transactions
) -> None:
    owner_id = new_id()

    async def add() -> None:
        async with transactions.begin() as session:
            await increment(session, col(Inbox.received), owner_id=owner_id)

    await asyncio.gather(*(add() for _ in range(8)))
    async with database.session() as session:
        assert (await session.get_one(Inbox, owner_id)).received == 8


async def test_lock_or_create_gives_every_transaction_the_same_row_in_turn(
    world: World, database: Database, transactions: Transactions
) -> None:
    user = await world.user()

    async def add() -> None:
        async with transactions.begin() as session:
            inbox = await lock_or_create(session, NotificationInbox, user_id=user.id)
            await asyncio.sleep(0.01)
            inbox.unread += 1

    await asyncio.gather(*(add() for _ in range(8)))
    async with database.session() as session:
        rows = select(NotificationInbox).where(NotificationInbox.user_id == user.id)
        assert (await session.exec(rows)).one().unread == 8

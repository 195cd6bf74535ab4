"""A test leaves no rows to the next, also of transactions that were still writing at its end."""

import asyncio
from uuid import uuid4

from sqlalchemy import text

from core.database import Database
from models.identity.accounts import User, UserSession
from tests.empty_tables import empty_tables
from tests.factories.world import World

WAITING = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
    " WHERE datname = current_database() AND mode = 'ExclusiveLock' AND NOT granted"
)
LEFT = text('SELECT (SELECT count(*) FROM user_session), (SELECT count(*) FROM "user")')


async def until_it_waits(superuser: Database) -> None:
    async with asyncio.timeout(20):
        while True:
            async with superuser.session() as session:
                if (await session.execute(WAITING)).scalar_one():
                    return
            await asyncio.sleep(0.01)


async def test_rows_of_a_running_transaction_are_deleted(
    world: World, database: Database, superuser: Database
) -> None:
    """Also those of a table that was empty when the wait began."""
    await world.user()
    async with superuser.session() as session, session.begin():
        await session.execute(text("TRUNCATE user_session CASCADE"))
    user = User(id=uuid4(), name="Asha", search_text="asha", password_hash=None)
    async with database.session() as writing, writing.begin():
        writing.add(user)
        await writing.flush()
        emptying = asyncio.create_task(empty_tables(superuser))
        await until_it_waits(superuser)
        writing.add(UserSession(id=uuid4(), user_id=user.id))
        await writing.flush()
        assert not emptying.done()
    await emptying
    async with database.session() as session:
        assert tuple((await session.execute(LEFT)).one()) == (0, 0)

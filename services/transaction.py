"""The unit of work of a mutation or a job."""

from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from core import database as db
from core.database import Database
from core.keyed_semaphore import KeyedSemaphore
from core.pubsub import PubSub
from models.errors import Refusal
from services.journal import append as journal


class Transactions:
    """Opens the one unit of work of a mutation or a job."""

    def __init__(self, database: Database, pubsub: PubSub) -> None:
        self._database = database
        self._pubsub = pubsub
        self._hot_rows = KeyedSemaphore()

    @asynccontextmanager
    async def begin(self, hot_row: Hashable | None = None) -> AsyncIterator[AsyncSession]:
        """Commits at the end of the block, with the journal, and then signals it.

        `hot_row` names a row that many want at once; few wait for it at a time, and
        they wait without a connection. A constraint that says no at the flush
        becomes the `Refusal` that bears its name.
        """
        async with self._hot_rows.acquire(hot_row), self._database.session() as session:
            try:
                async with session.begin():
                    yield session
                    await session.flush()
                    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
                    grown = await journal.write(session, session.info.pop("journal", []))
            except IntegrityError as error:
                if refusal := Refusal.by_constraint.get(db.constraint(error) or ""):
                    raise refusal from error
                raise
        if grown := grown | session.info.pop("signals", {}):
            self._pubsub.publish(grown)

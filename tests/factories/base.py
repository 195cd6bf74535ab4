"""Committed rows, and what the database holds."""

from itertools import count
from typing import Any, TypeVar

from sqlalchemy import text
from sqlmodel import SQLModel, select

from core.database import Database
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.journal import JournalEntry
from services.offers.listings import write_listings

NUMBERS = count(1)
AnyRow = TypeVar("AnyRow", bound=SQLModel)


class RowStore:
    """Saves and reads rows of any table."""

    def __init__(self, database: Database, keys: SigningKeys) -> None:
        self.database = database
        self.keys = keys
        self.sealer = Sealer(keys)

    async def save(self, *rows: Any) -> None:
        async with self.database.session() as session, session.begin():
            session.add_all(rows)
            await session.flush()
            await write_listings(session)

    async def change(self, row: Any, **values: Any) -> None:
        """Set values of a stored row."""
        async with self.database.session() as session, session.begin():
            (await session.get_one(type(row), row.id)).sqlmodel_update(values)

    async def delete(self, row: Any) -> None:
        async with self.database.session() as session, session.begin():
            await session.delete(await session.get_one(type(row), row.id))

    async def fresh(self, row: Any) -> Any:
        """Return the row as the database has it now."""
        async with self.database.session() as session:
            return await session.get(type(row), row.id)

    async def first(self, model: type[AnyRow]) -> AnyRow:
        """Return some row of a table. Raises if it is empty."""
        async with self.database.session() as session:
            return (await session.exec(select(model).limit(1))).one()

    async def newest(self, model: type[AnyRow]) -> AnyRow:
        """Return the last row of a table, whatever else was committed before. Raises if empty."""
        rows = select(model).order_by(text("created_at DESC"), text("id DESC")).limit(1)
        async with self.database.session() as session:
            return (await session.exec(rows)).one()

    async def journal(self) -> list[tuple[str, int, str]]:
        """Return the topic, number and kind of every entry, sorted by topic."""
        rows = select(JournalEntry.topic, JournalEntry.seq, JournalEntry.kind)
        async with self.database.session() as session:
            return sorted((await session.exec(rows)).all())

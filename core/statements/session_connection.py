"""The driver's connection of a session, for statements within its transaction."""

from typing import Any, cast

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession


async def driver_connection(session: AsyncSession) -> asyncpg.Connection:
    """Return asyncpg's connection of a session, in the session's transaction.

    SQLAlchemy sends BEGIN before its own first statement. If there was none, a statement of asyncpg
    would be committed at once, so one is sent.
    """
    driver = await reading_connection(session)
    if not driver.is_in_transaction():
        await (await session.connection()).exec_driver_sql("SELECT 1")
    return driver


async def reading_connection(session: AsyncSession) -> asyncpg.Connection:
    """Return asyncpg's connection of a session, for statements that only read.

    They are in the session's transaction if that has begun.
    """
    connection = await session.connection()
    raw: Any = await connection.get_raw_connection()
    return cast("asyncpg.Connection", raw.driver_connection)

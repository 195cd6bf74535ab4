"""The driver's connection of a session, for statements within its transaction."""

from typing import Any, cast

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession


async def driver_connection(session: AsyncSession) -> asyncpg.Connection:
    """Return asyncpg's connection of a session, in the session's transaction.

    SQLAlchemy sends BEGIN before its own first statement. If there was none, a statement of asyncpg
    would be committed at once, so one is sent.
    """
    connection = await session.connection()
    driver: Any = (await connection.get_raw_connection()).driver_connection
    if not driver.is_in_transaction():
        await connection.exec_driver_sql("SELECT 1")
    return cast("asyncpg.Connection", driver)

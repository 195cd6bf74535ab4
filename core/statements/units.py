"""Transactions in which prepared statements are sent: those of sessions, and those without one."""

from typing import Any

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.session_connection import driver_connection

# One round trip for both.
BEGIN = "BEGIN; SET CONSTRAINTS ALL IMMEDIATE"


class PreparedTransaction:
    """An open transaction for prepared statements alone.

    It has no session, whose work costs more time than the statements. `info` is as a session's.
    """

    __slots__ = ("connection", "info")

    def __init__(self, connection: asyncpg.Connection, info: dict[Any, Any]) -> None:
        self.connection = connection
        self.info = info


class TransactionOnDemand(PreparedTransaction):
    """One that is not begun yet: each statement before `start` is a transaction of its own.

    A mutation that does all its work in one statement needs no more than that one message.
    """

    __slots__ = ()

    async def start(self) -> None:
        await self.connection.execute(BEGIN)


UnitOfWork = AsyncSession | PreparedTransaction


async def connection_of(unit: UnitOfWork) -> asyncpg.Connection:
    """Return the connection of a transaction, for a `Statement`.

    A statement does not see what a session has not flushed.
    """
    if isinstance(unit, PreparedTransaction):
        return unit.connection
    return await driver_connection(unit)

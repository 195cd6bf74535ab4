"""Inserts of whole rows."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import insert
from sqlmodel import SQLModel

from core.statements.statement import Statement

_inserts: dict[type[SQLModel], Statement[Any]] = {}


async def insert_row(connection: asyncpg.Connection, row: SQLModel) -> None:
    """Insert a row. Unlike one added to a session, it is sent at once."""
    await _insert_of(type(row)).execute(connection, **vars(row))


async def insert_rows(connection: asyncpg.Connection, rows: Sequence[SQLModel]) -> None:
    """Insert rows of one table, in one round trip however many they are."""
    if rows:
        await _insert_of(type(rows[0])).execute_many(connection, [vars(row) for row in rows])


def _insert_of(table: type[SQLModel]) -> Statement[Any]:
    if table not in _inserts:
        _inserts[table] = Statement(insert(table))
    return _inserts[table]

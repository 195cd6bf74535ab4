"""Inserts of whole rows."""

from typing import Any

import asyncpg
from sqlalchemy import insert
from sqlmodel import SQLModel

from core.statements.statement import Statement

_inserts: dict[type[SQLModel], Statement[Any]] = {}


async def insert_row(connection: asyncpg.Connection, row: SQLModel) -> None:
    """Insert a row. Unlike one added to a session, it is sent at once."""
    table = type(row)
    if table not in _inserts:
        _inserts[table] = Statement(insert(table))
    await _inserts[table].execute(connection, **vars(row))

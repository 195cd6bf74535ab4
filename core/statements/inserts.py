"""Inserts of whole rows."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

import asyncpg
from pydantic.fields import FieldInfo
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from core.statements.selected import columns_of
from core.statements.statement import Statement

Table = TypeVar("Table", bound=SQLModel)

_inserts: dict[type[SQLModel], Statement[Any]] = {}


async def insert_row(connection: asyncpg.Connection, row: SQLModel) -> None:
    """Insert a row. Unlike one added to a session, it is sent at once."""
    await _insert_of(type(row)).execute(connection, **vars(row))


async def insert_rows(connection: asyncpg.Connection, rows: Sequence[SQLModel]) -> None:
    """Insert rows of one table, in one round trip however many they are."""
    if rows:
        await _insert_of(type(rows[0])).execute_many(connection, [vars(row) for row in rows])


async def insert_values(
    connection: asyncpg.Connection, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows of which all columns are given: an object of the class is slow to make."""
    if rows:
        await _insert_of(table).execute_many(connection, rows)


async def insert_new(connection: asyncpg.Connection, table: type[Table], **values: Any) -> Table:
    """Insert a row with these values and the defaults of its class, and return it as a record.

    For statements under a rush: an object of the class takes as long to make as a third of the
    round trip.
    """
    new = _new(table)
    (row,) = await new.statement.fetch(connection, **values, **new.missing(values))
    return cast("Table", row)


async def insert_if_free(
    connection: asyncpg.Connection, table: type[Table], **values: Any
) -> Table | None:
    """Insert a row as `insert_new` does, or return None if it would violate a unique constraint."""
    new = _new(table)
    row = await new.if_free.fetch_one(connection, **values, **new.missing(values))
    return cast("Table | None", row)


def _insert_of(table: type[SQLModel]) -> Statement[Any]:
    if table not in _inserts:
        _inserts[table] = Statement(insert(table))
    return _inserts[table]


class _New(NamedTuple):
    """How rows of a table are inserted, and what makes the default of each column that has one."""

    statement: Statement[Any]
    if_free: Statement[Any]
    defaults: list[tuple[str, Callable[[], Any]]]

    def missing(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: make() for name, make in self.defaults if name not in values}


@cache
def _new(table: type[SQLModel]) -> _New:
    row, columns = insert(table), columns_of(table)
    fields = table.model_fields.items()
    return _New(
        Statement(row.returning(*columns), table),
        Statement(row.on_conflict_do_nothing().returning(*columns), table),
        [(name, _default(field)) for name, field in fields if not field.is_required()],
    )


def _default(field: FieldInfo) -> Callable[[], Any]:
    factory = field.default_factory
    return cast("Callable[[], Any]", factory) if factory else lambda: field.default

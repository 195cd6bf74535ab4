"""Rows without ORM state: asyncpg's records with the attributes of a table's class."""

from collections.abc import Callable, Iterator
from operator import itemgetter
from types import FunctionType
from typing import Any

import asyncpg
from sqlmodel import SQLModel

from core.statements.dialect import DIALECT

FLOAT8 = 701  # PostgreSQL's number of the type, for which only numeric columns ask
# Of a table's class, what its records have too.
MEMBERS = (property, FunctionType, classmethod, staticmethod)

_records: dict[type[Any], type[asyncpg.Record]] = {}


def record_of(table: type[Any]) -> type[asyncpg.Record]:
    """Return a class of records that are read like rows of the table.

    Columns are read-only attributes with the values of the ORM, such as members of enums.
    Properties and methods are those of the table's class. A method that sets a column raises
    `AttributeError`, and a column that was not selected `KeyError`.
    """
    if table not in _records:
        _records[table] = _make_record(table)
    return _records[table]


def row_types(table: type[Any]) -> tuple[type[Any], ...]:
    """Return the classes whose objects are rows of a table."""
    return table, record_of(table)


def _make_record(table: type[Any]) -> type[asyncpg.Record]:
    members: dict[str, Any] = dict(_members(table))
    for column in table.__table__.columns:
        members[column.key] = _column(column.key, column.type)
    return type(f"{table.__name__}Record", (asyncpg.Record,), {**members, "__slots__": ()})


def _members(table: type[Any]) -> Iterator[tuple[str, Any]]:
    for base in reversed(table.__mro__):
        if not issubclass(base, SQLModel) or base is SQLModel:
            continue
        for name, member in vars(base).items():
            if isinstance(member, MEMBERS) and not name.startswith("__"):
                yield name, member


def _column(name: str, type_: Any) -> property:
    get: Callable[[Any], Any] = itemgetter(name)
    decode = type_.dialect_impl(DIALECT).result_processor(DIALECT, FLOAT8)
    return property(get if decode is None else lambda record: decode(get(record)))

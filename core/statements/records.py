"""Rows without ORM state: asyncpg's records with the attributes of a table's class."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from types import FunctionType
from typing import Any

import asyncpg
from sqlalchemy import Enum
from sqlmodel import SQLModel

from core.statements.dialect import DIALECT

FLOAT8 = 701  # PostgreSQL's number of the type, for which only numeric columns ask
# Of a table's class, what its records have too.
MEMBERS = (property, FunctionType, classmethod, staticmethod)


def record_of(table: Any) -> type[asyncpg.Record]:
    """Return a class of records that are read like rows of the table.

    Columns are read-only attributes with the values of the ORM, such as members of enums.
    Properties and methods are those of the table's class. A method that sets a column raises
    `AttributeError`, and a column that was not selected `KeyError`.
    """
    return _record_of(table)


def part_of(table: Any, names: Sequence[str]) -> type[tuple[Any, ...]]:
    """Return a class of tuples of these columns, whose attributes are those of `record_of`.

    Those of other columns raise `AttributeError`. asyncpg alone makes records.
    """
    columns = table.__table__.columns
    members = {name: _column(place, columns[name].type) for place, name in enumerate(names)}
    return type(f"{table.__name__}Part", (_row_of(table), tuple), {**members, "__slots__": ()})


def row_types(table: Any) -> tuple[type[Any], ...]:
    """Return the classes whose objects are rows of a table."""
    return _row_of(table), table


@cache
def _record_of(table: Any) -> type[asyncpg.Record]:
    columns = {one.key: _column(one.key, one.type) for one in table.__table__.columns}
    bases = (_row_of(table), asyncpg.Record)
    return type(f"{table.__name__}Record", bases, {**columns, "__slots__": ()})


@cache
def _row_of(table: Any) -> type[Any]:
    """Return a class of what rows have but the columns: properties and methods."""
    return type(f"{table.__name__}Row", (), {**dict(_members(table)), "__slots__": ()})


def _members(table: type[Any]) -> Iterator[tuple[str, Any]]:
    for base in reversed(table.__mro__):
        if not issubclass(base, SQLModel) or base is SQLModel:
            continue
        for name, member in vars(base).items():
            if isinstance(member, MEMBERS) and not name.startswith("__"):
                yield name, member


def _column(name: str | int, type_: Any) -> property:
    get: Callable[[Any], Any] = itemgetter(name)
    decode = type_.dialect_impl(DIALECT).result_processor(DIALECT, FLOAT8)
    if decode is not None and isinstance(type_, Enum):
        decode = cache(decode)  # it has as many values as the enum has members
    return property(get if decode is None else lambda record: decode(get(record)))

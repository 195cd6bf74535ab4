"""Rows without ORM state: asyncpg's records with the attributes of a table's class."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from types import FunctionType, MappingProxyType
from typing import Any

import asyncpg
from sqlalchemy import Enum
from sqlmodel import SQLModel

from core.statements.dialect import DIALECT

FLOAT8 = 701  # PostgreSQL's number of the type, for which only numeric columns ask
# Of a table's class, what its records have too.
MEMBERS = (property, FunctionType, classmethod, staticmethod)
PLACES = "__places__"
FOUND = "__found__"  # of a class of records: what is found with them; see `take_found`


def record_of(
    table: Any, names: Sequence[str] = (), found: Mapping[Any, Any] = MappingProxyType({})
) -> type[asyncpg.Record]:
    """Return a class of records that are read like rows of the table.

    With the `names` of what a statement selects, it is a class of its own, whose `places_of` are
    known: all of its records have the same columns.

    Columns are read-only attributes with the values of the ORM, such as members of enums.
    Properties and methods are those of the table's class. A method that sets a column raises
    `AttributeError`, and a column that was not selected `KeyError`.
    """
    record = _record_of(table)
    if not names:
        return record
    own = {PLACES: _places(table, names), FOUND: found, "__slots__": ()}
    return type(record.__name__, (record,), own)


def part_of(table: Any, names: Sequence[str]) -> type[tuple[Any, ...]]:
    """Return a class of tuples of these columns, whose attributes are those of `record_of`.

    Those of other columns raise `AttributeError`. asyncpg alone makes records.
    """
    columns = table.__table__.columns
    members = {name: _column(place, columns[name].type) for place, name in enumerate(names)}
    own = {**members, PLACES: _places(table, names), "__slots__": ()}
    return type(f"{table.__name__}Part", (_row_of(table), tuple), own)


def places_of(rows: Sequence[Any]) -> Mapping[str, int]:
    """Return the places of columns in rows that have one class, by the names of their attributes.

    Those are left out whose attribute has another value, such as a member of an enum.
    """
    kinds = set(map(type, rows))
    places: Mapping[str, int] = getattr(kinds.pop(), PLACES, {}) if len(kinds) == 1 else {}
    return places


def row_types(table: Any) -> tuple[type[Any], ...]:
    """Return the classes whose objects are rows of a table."""
    return _row_of(table), table


@cache
def _record_of(table: Any) -> type[asyncpg.Record]:
    columns = {one.key: _column(one.key, one.type) for one in table.__table__.columns}
    bases = (_row_of(table), asyncpg.Record)
    # By its table, the name is found for which values of a column are sealed.
    of_table = {"__table__": table.__table__, "__slots__": ()}
    return type(f"{table.__name__}Record", bases, columns | of_table)


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


def _places(table: Any, names: Sequence[str]) -> Mapping[str, int]:
    columns, counts = table.__table__.columns, Counter(names)
    return {
        name: place
        for place, name in enumerate(names)
        if name in columns and counts[name] == 1 and _decoder(columns[name].type) is None
    }


def _decoder(type_: Any) -> Callable[[Any], Any] | None:
    decode: Callable[[Any], Any] | None
    decode = type_.dialect_impl(DIALECT).result_processor(DIALECT, FLOAT8)
    return decode


def _column(name: str | int, type_: Any) -> property:
    get: Callable[[Any], Any] = itemgetter(name)
    decode = _decoder(type_)
    if decode is not None and isinstance(type_, Enum):
        decode = cache(decode)  # it has as many values as the enum has members
    return property(get if decode is None else lambda record: decode(get(record)))

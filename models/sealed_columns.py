"""Sealed columns: which they are, and the hashes by which their values are found.

A column is declared once, with `sealed`. The job that replaces keys, and the commands that retire
them, find all columns by these declarations.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table
from sqlmodel import Field, SQLModel

from core.security.sealed import HASH_BYTES, NEWEST_BYTES

SEALED = "sealed"


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values, and the columns of their hashes. `kind` is SQL of their kind."""

    table: Table
    column: Column[bytes]
    kind: str
    lookup: Column[bytes] | None
    next_lookup: Column[bytes] | None

    @property
    def name(self) -> str:
        """The name for which the values are sealed."""
        return f"{self.table.name}.{self.column.name}"


def sealed(*, lookup: str = "", kind: str = "", optional: bool = False) -> Any:
    """Return a column of values that a `Sealer` has sealed.

    With `lookup`, the column of that name has the `oldest` hash of each value, and `next_…` the
    `newest` one. `kind` is an SQL expression of the kind of a value, over the columns of its row.
    """
    declared = {"info": {SEALED: (lookup, kind)}}
    if optional:
        return Field(default=None, sa_column_kwargs=declared)
    return Field(sa_column_kwargs=declared)


def hashed(*, unique: bool = False) -> Any:
    """Return a column of `oldest` hashes. A service sets it together with the sealed value."""
    return Field(unique=unique)


def check_lookup(lookup: str) -> tuple[CheckConstraint, CheckConstraint]:
    """Return constraints on the lengths of the hashes."""
    return (
        CheckConstraint(f"octet_length({lookup}) = {HASH_BYTES}", name=lookup),
        CheckConstraint(f"octet_length(next_{lookup}) = {NEWEST_BYTES}", name=f"next_{lookup}"),
    )


def sealed_name(row: SQLModel | type[SQLModel], column: str) -> str:
    """Return the name for which values of a column are sealed, by a row or by its class.

    The column must be declared.
    """
    table: Table = row.__table__  # type: ignore[union-attr] # of SQLModel
    if SEALED not in table.columns[column].info:
        raise ValueError(f"{table.name}.{column} is not declared with `sealed`.")
    return f"{table.name}.{column}"


def sealed_columns() -> Iterator[SealedColumn]:
    """Return all sealed columns. Import `models.registry` first."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if SEALED in column.info:
                lookup, kind = column.info[SEALED]
                yield SealedColumn(
                    table,
                    column,
                    kind,
                    table.columns[lookup] if lookup else None,
                    table.columns[f"next_{lookup}"] if lookup else None,
                )

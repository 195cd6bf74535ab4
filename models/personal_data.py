"""Personal data: the class of each column, and the effect of an erasure on each table.

A table declares both as `__privacy__`, next to its columns. The export of an account, its erasure
and docs/privacy.md are generated from these declarations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, TypedDict, Unpack

from sqlalchemy import Boolean, Column, DateTime, Enum, Table
from sqlmodel import SQLModel

from models.sealed_columns import SEALED


class Personal(StrEnum):
    """The class of a column."""

    meaning: str

    def __new__(cls, name: str, meaning: str) -> "Personal":
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning = meaning
        return member

    NONE = "NONE", "Not about a person: states, counts, times, settings, texts of businesses."
    ID = "ID", "An id that leads to a person. After the erasure, to an account without data."
    PERSONAL = "PERSONAL", "About a person, or written by one. Exported and erased."
    SECRET = "SECRET", "Proves or permits something. Erased, and never exported."


GONE = frozenset({Personal.PERSONAL, Personal.SECRET})  # after an erasure
KINDS = {
    "none": Personal.NONE,
    "id": Personal.ID,
    "personal": Personal.PERSONAL,
    "secrets": Personal.SECRET,
}


class Erase(StrEnum):
    """The effect of the erasure of an account on its rows in a table."""

    meaning: str

    def __new__(cls, name: str, meaning: str) -> "Erase":
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning = meaning
        return member

    DELETE = "DELETE", "Deletes the rows."
    BLANK = "BLANK", "Keeps the rows without their personal and secret values."
    KEEP = "KEEP", "Keeps the rows, which lead to an account without data."
    RETAIN = "RETAIN", "Keeps the rows until their time ends."
    OTHER = "OTHER", "The rows are of the platform or a business."


class ColumnNames(TypedDict, total=False):
    """Names of columns by class, separated by spaces."""

    none: str
    id: str
    personal: str
    secrets: str


@dataclass(frozen=True)
class Privacy:
    """The declaration of a table.

    `of` are the columns that lead to the person: the id of a user, or a foreign key to a row of
    theirs. `address` is the column of the hash of an email address that can be theirs, beside that
    of the newest key, and `where` a condition on `:person`; they add rows. Rows for which `unless`
    holds are not deleted. `blank` has the SQL of what replaces a value, NULL by default; it may
    change other columns too, and a second run must change nothing.
    """

    erase: Erase
    classes: Mapping[str, Personal]
    of: tuple[str, ...] = ()
    address: str = ""
    where: str = ""
    unless: str = ""
    blank: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def has_persons(self) -> bool:
        return bool(self.of or self.address or self.where)


def delete_rows(
    *,
    of: str = "user_id",
    address: str = "",
    unless: str = "",
    blank: Mapping[str, str] = MappingProxyType({}),
    **named: Unpack[ColumnNames],
) -> Privacy:
    """Declare that the rows of a person are deleted. Those that stay are blanked."""
    return Privacy(
        Erase.DELETE,
        _classes(named),
        tuple(of.split()),
        address,
        unless=unless,
        blank=blank,
    )


def blank_values(
    *,
    of: str = "user_id",
    where: str = "",
    blank: Mapping[str, str] = MappingProxyType({}),
    **named: Unpack[ColumnNames],
) -> Privacy:
    """Declare that the rows stay, without personal and secret values."""
    return Privacy(
        Erase.BLANK,
        _classes(named),
        tuple(of.split()),
        where=where,
        blank=blank,
    )


def keep_rows(*, of: str = "user_id", **named: Unpack[ColumnNames]) -> Privacy:
    """Declare that the rows stay: they have ids only."""
    return Privacy(Erase.KEEP, _classes(named), tuple(of.split()))


def retain_rows(*, of: str = "user_id", where: str = "", **named: Unpack[ColumnNames]) -> Privacy:
    """Declare that the rows stay as they are until the clean-up deletes them."""
    return Privacy(Erase.RETAIN, _classes(named), tuple(of.split()), where=where)


def of_others(**named: Unpack[ColumnNames]) -> Privacy:
    """Declare that the rows are of the platform or a business, and stay."""
    return Privacy(Erase.OTHER, _classes(named))


def _classes(named: ColumnNames) -> Mapping[str, Personal]:
    return {
        column: KINDS[kind] for kind, columns in named.items() for column in str(columns).split()
    }


def class_of(privacy: Privacy, column: "Column[object]") -> Personal | None:
    """Return the class of a column, None if it must be named.

    Sealed values are personal, times, switches and values of closed lists are not about a person,
    and foreign keys are ids, unless they are named.
    """
    if (named := privacy.classes.get(column.name)) is not None:
        return named
    if SEALED in column.info:
        return Personal.PERSONAL
    if column.foreign_keys or column.name == "id":
        return Personal.ID
    return Personal.NONE if isinstance(column.type, (DateTime, Boolean, Enum)) else None


class Declared(NamedTuple):
    """A table with its declaration. `domain` is that of the module which declares it."""

    table: Table
    privacy: Privacy
    domain: str


def declared_tables() -> list[Declared]:
    """Return all tables, parents before their children.

    Import `models.registry` first.
    """
    models = _models(SQLModel)
    return [
        Declared(
            table,
            vars(models[table.name])["__privacy__"],
            models[table.name].__module__.split(".")[1],
        )
        for table in SQLModel.metadata.sorted_tables
    ]


def _models(base: type[SQLModel]) -> dict[str, type[SQLModel]]:
    found: dict[str, type[SQLModel]] = {}
    for model in base.__subclasses__():
        if (table := getattr(model, "__table__", None)) is not None:
            found[table.name] = model
        found |= _models(model)
    return found

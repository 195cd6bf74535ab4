"""The rows of a person in each table, as SQL conditions that are made of the declarations."""

from collections.abc import Mapping, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import Column, Table, TextClause, Uuid, bindparam, text
from sqlalchemy.dialects import postgresql

import models.registry  # noqa: F401 - every table has a declaration
from models.personal_data import Declared, Personal, class_of, declared_tables

NEVER = "false"
_quote = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call] # of SQLAlchemy


def quoted(name: str) -> str:
    return str(_quote(name))


@cache
def tables() -> Mapping[str, Declared]:
    """Return all tables by name, parents before their children."""
    return {one.table.name: one for one in declared_tables()}


def rows_of(declared: Declared, *, erasable: bool = False) -> str:
    """Return the condition for the rows of `:person`. `erasable` ones can be deleted."""
    table, privacy = declared.table, declared.privacy
    parts = [_leads_to_person(table.columns[name], erasable=erasable) for name in privacy.of]
    if privacy.address:
        parts += [
            f'{name} = (SELECT {name} FROM "user" WHERE id = :person)'  # noqa: S608 - made of declarations
            for name in (privacy.address, f"next_{privacy.address}")
        ]
    if privacy.where:
        parts.append(f"({privacy.where})")
    condition = " OR ".join(parts) or NEVER
    if erasable and privacy.unless:
        return f"({condition}) AND NOT coalesce({privacy.unless}, false)"
    return f"({condition})"


def _leads_to_person(column: Column[object], *, erasable: bool) -> str:
    """Return the condition that a column has the person's id, or that of a row of theirs."""
    name = quoted(column.name)
    parents = {key.column.table.name for key in column.foreign_keys} - {"user"}
    for parent in parents:
        rows = rows_of(tables()[parent], erasable=erasable)
        return f"{name} IN (SELECT id FROM {quoted(parent)} WHERE {rows})"  # noqa: S608 - made of declarations
    return f"{name} = :person"


def of_person(statement: str, person: UUID) -> TextClause:
    """Return SQL with the id of a person."""
    return text(statement).bindparams(bindparam("person", person, type_=Uuid()))


def exported_columns(declared: Declared) -> Sequence[Column[object]]:
    """Return the columns that a person may have: no secrets, and no ids of other persons."""
    return [column for column in declared.table.columns if _is_exported(declared, column)]


def _is_exported(declared: Declared, column: Column[object]) -> bool:
    if class_of(declared.privacy, column) is Personal.SECRET or column.info.get("unread"):
        return False
    to_user = any(key.column.table.name == "user" for key in column.foreign_keys)
    return not to_user or column.name in declared.privacy.of


def key_columns(table: Table) -> str:
    return ", ".join(quoted(column.name) for column in table.primary_key)

"""Erases the rows of a person, table by table and in batches. A second run finds nothing to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.personal_data import GONE, Declared, Erase, class_of
from models.privacy import AccountDeletion
from services.privacy.owned_rows import key_columns, of_person, quoted, rows_of, tables

BATCH_SIZE = 100
# The account itself is erased with its entry in the ledger: until then, the job starts again.
LAST = (AccountDeletion.__tablename__, "user")


@dataclass(frozen=True)
class ErasureStep:
    """A statement that erases up to 100 rows of one table."""

    table: str
    statement: str
    deletes: bool = False

    async def run(self, session: AsyncSession, person: UUID) -> int:
        """Return the number of rows that were erased."""
        erased = await session.execute(of_person(self.statement, person))
        return len(erased.all())


@cache
def steps() -> tuple[ErasureStep, ...]:
    """Return the steps of an erasure in their order.

    Values come first: they are found by rows that are deleted later. Children are deleted before
    their parents.
    """
    early = [one for one in tables().values() if one.table.name not in LAST]
    blanked = [step for one in early for step in _blanking(one)]
    deleted = [_deleting(one) for one in reversed(early) if one.privacy.erase is Erase.DELETE]
    return (*blanked, *deleted)


@cache
def last_steps() -> tuple[ErasureStep, ...]:
    found = [tables()[name] for name in LAST]
    return tuple(
        step
        for one in found
        for step in ([_deleting(one)] if one.privacy.erase is Erase.DELETE else _blanking(one))
    )


def _deleting(declared: Declared) -> ErasureStep:
    table = declared.table.name
    batch = _batch(declared, rows_of(declared, erasable=True))
    statement = f"DELETE FROM {quoted(table)} {batch}"  # noqa: S608 - made of declarations
    return ErasureStep(table, statement, deletes=True)


def _blanking(declared: Declared) -> Iterator[ErasureStep]:
    """Yield the step that replaces the values of rows that stay, if there are such rows."""
    values = _values(declared)
    if not values:
        return
    table = declared.table.name
    settings = ", ".join(f"{quoted(name)} = {value}" for name, value in values.items())
    differing = " OR ".join(
        f"{quoted(name)} IS DISTINCT FROM ({value})" for name, value in values.items()
    )
    batch = _batch(declared, f"{rows_of(declared)} AND ({differing})")
    statement = f"UPDATE {quoted(table)} SET {settings} {batch}"  # noqa: S608 - made of declarations
    yield ErasureStep(table, statement)


def _batch(declared: Declared, rows: str) -> str:
    """Return the end of a statement that changes up to 100 of these rows."""
    table, keys = quoted(declared.table.name), key_columns(declared.table)
    return (
        f"WHERE ({keys}) IN (SELECT {keys} FROM {table} WHERE {rows}"  # noqa: S608 - made of declarations
        f" ORDER BY {keys} LIMIT {BATCH_SIZE} FOR UPDATE) RETURNING 1"
    )


def _values(declared: Declared) -> Mapping[str, str]:
    """Return what replaces the values of each column. A generated one follows its sources."""
    privacy = declared.privacy
    if privacy.erase is not Erase.BLANK:
        return privacy.blank
    stored = [one for one in declared.table.columns if one.computed is None]
    gone = [one.name for one in stored if class_of(privacy, one) in GONE]
    return dict.fromkeys(gone, "NULL") | dict(privacy.blank)

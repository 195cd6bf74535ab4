"""Sealed values after a rotation: sealed with the new key, with the hashes of the new keys."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Row,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlmodel.ext.asyncio.session import AsyncSession

import models.registry  # noqa: F401 - for all sealed columns
from core.database import for_change
from core.security.sealed import HASH_BYTES, VERSION, SealBroken, Sealer
from core.security.secret_keys import KEY_ID_BYTES
from models.sealed_columns import SealedColumn, sealed_columns

BATCH_SIZE = 100

log = structlog.get_logger(__name__)


async def reseal_batch(
    session: AsyncSession, sealer: Sealer, column: SealedColumn, after: UUID
) -> UUID | None:
    """Seal up to 100 values again that need it, in the order of their ids.

    Returns the last id, None after the last value. A second run changes nothing. Rows that others
    have locked are left for the next run: waiting for them with a hundred rows locked could end in
    a deadlock. Values that do not open stay as they are.
    """
    key, keys = sealer.field_key_id, sealer.lookup_key_ids
    id = column.table.c.id
    stale = or_(_key_of(column) != key, _lacks_lookups(column, keys))
    kind: ColumnElement[str] = literal_column(f"({column.kind or 'NULL'})").label("kind")
    rows = select(id, column.column.label("value"), kind)
    rows = rows.where(id > after, _is_sealed(column), stale).order_by(id).limit(BATCH_SIZE)
    locked = for_change(rows, skip_locked=True)
    found = (await session.execute(locked)).all()
    changed = [values for row in found if (values := _sealed_again(sealer, column, row))]
    if changed:
        names = changed[0].keys() - {"row_id"}
        values = {name: bindparam(name) for name in names}
        statement = update(column.table).where(id == bindparam("row_id")).values(values)
        connection = await session.connection()
        await connection.execute(statement, changed)
        log.info("sealed.replaced", column=column.name, values=len(changed))
    return found[-1].id if found else None


def _sealed_again(sealer: Sealer, column: SealedColumn, row: Row[Any]) -> dict[str, Any] | None:
    """Return the new values of a row, None if it does not open."""
    try:
        value = sealer.open(column.name, row.id, row.value)
    except SealBroken as error:
        log.error("sealed.broken", column=column.name, id=str(row.id), error=str(error))
        return None
    values: dict[str, Any] = {"row_id": row.id}
    values[column.column.name] = sealer.seal(column.name, row.id, value)
    if column.lookup is not None and column.next_lookup is not None:
        lookup = sealer.lookup(row.kind, value.decode())
        values |= {column.lookup.name: lookup.oldest, column.next_lookup.name: lookup.newest}
    return values


async def count_sealed_with(session: AsyncSession, key_id: bytes) -> int:
    """Count the values that a key has sealed."""
    return await _count(session, {one: _key_of(one) == key_id for one in sealed_columns()})


async def count_lacking(session: AsyncSession, sealer: Sealer) -> int:
    """Count the values without the hashes of the present keys of lookups."""
    keys = sealer.lookup_key_ids
    return await _count(session, {one: _lacks_lookups(one, keys) for one in sealed_columns()})


async def _count(
    session: AsyncSession, conditions: Mapping[SealedColumn, ColumnElement[bool]]
) -> int:
    counted = 0
    for column, condition in conditions.items():
        rows = select(func.count()).select_from(column.table)
        counted += (await session.scalar(rows.where(_is_sealed(column), condition))) or 0
    return counted


def _is_sealed(column: SealedColumn) -> ColumnElement[bool]:
    """Values that an erasure has replaced are not."""
    return _part(column.column, 1, len(VERSION)) == VERSION


def _key_of(column: SealedColumn) -> ColumnElement[bytes]:
    return _part(column.column, len(VERSION) + 1, KEY_ID_BYTES)


def _lacks_lookups(column: SealedColumn, keys: Sequence[bytes]) -> ColumnElement[bool]:
    """Whether a value lacks the hash of the newest key or, if it is the only one, has others."""
    lookup, newest = column.lookup, column.next_lookup
    if lookup is None or newest is None:
        return false()
    lacks = or_(newest.is_(None), _part(newest, 1, KEY_ID_BYTES) != keys[0])
    if len(keys) > 1:
        return lacks
    return or_(lacks, _part(newest, KEY_ID_BYTES + 1, HASH_BYTES) != lookup)


def _part(column: Column[bytes], start: int, length: int) -> ColumnElement[bytes]:
    return func.substring(column, start, length, type_=LargeBinary)

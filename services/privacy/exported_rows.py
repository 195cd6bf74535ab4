"""The rows of an export, with sealed values opened."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, RowMapping
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.personal_data import Declared, class_of
from models.sealed_columns import SEALED
from models.uploads import Upload, UploadState
from services.privacy.owned_rows import exported_columns, of_person, rows_of

ROWS_AT_A_TIME = 500


async def stream_rows(
    session: AsyncSession, sealer: Sealer, declared: Declared, user_id: UUID
) -> AsyncIterator[Mapping[str, Any]]:
    """Yield a user's rows of a table, a few at a time in memory."""
    columns = exported_columns(declared)
    condition = of_person(rows_of(declared), user_id)
    rows = select(*columns).where(condition).order_by(*declared.table.primary_key)
    result = await session.stream(rows)
    async for some in result.mappings().partitions(ROWS_AT_A_TIME):
        for row in some:
            yield _opened(sealer, columns, row)


async def list_ready(session: AsyncSession, user_id: UUID) -> Sequence[Upload]:
    """Return the uploads of a user that have an object, the oldest first."""
    rows = select(Upload).where(Upload.user_id == user_id, Upload.state == UploadState.READY)
    return (await session.exec(rows.order_by(col(Upload.id)))).all()


def _opened(
    sealer: Sealer, columns: Sequence[Column[object]], row: RowMapping
) -> Mapping[str, Any]:
    opened = dict(row)
    for column in columns:
        if SEALED in column.info and row[column.name] is not None:
            name = f"{column.table.name}.{column.name}"
            opened[column.name] = sealer.open(name, row["id"], row[column.name]).decode()
    return opened


def describe(declared: Declared) -> dict[str, Any]:
    """Return a table's entry of the manifest."""
    columns = exported_columns(declared)
    return {
        "table": declared.table.name,
        "columns": {one.name: class_of(declared.privacy, one) for one in columns},
        "left_out": [one.name for one in declared.table.columns if one not in columns],
        "when_erased": declared.privacy.erase,
    }

"""Seat maps: which seats of a date are taken, as runs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import KEYS, Statement
from core.statements.units import connection_of
from services.viewer import Viewer

RowKey = tuple[UUID, UUID]  # a date and a row of its chart
_RUNS = """
    SELECT event_date_id, row_id, min(pos) AS first, max(pos) AS last
    FROM (
        SELECT event_date_id, row_id, pos, pos - row_number() OVER (
            PARTITION BY event_date_id, row_id ORDER BY pos
        ) AS run
        FROM seat_place WHERE state <> 'FREE' AND {condition}
    ) AS taken
    GROUP BY event_date_id, row_id, run
    ORDER BY row_id, first
"""
OF_DATE = Statement(
    text(_RUNS.format(condition="event_date_id = :event_date_id")).bindparams(
        bindparam("event_date_id", type_=Uuid())
    )
)
OF_ROWS = Statement(
    text(
        _RUNS.format(condition="(event_date_id, row_id) IN (SELECT * FROM unnest(:dates, :keys))")
    ).bindparams(bindparam("dates", type_=ARRAY(Uuid())), bindparam(KEYS, type_=ARRAY(Uuid())))
)


async def read_map(session: AsyncSession, event_date_id: UUID) -> Mapping[UUID, Sequence[int]]:
    """Return the runs of taken seats by row: the first and the last position of each, in turn."""
    found: defaultdict[UUID, list[int]] = defaultdict(list)
    for run in await OF_DATE.fetch(await connection_of(session), event_date_id=event_date_id):
        found[run["row_id"]] += run["first"], run["last"]
    return found


async def find_taken(
    session: AsyncSession, _: Viewer, keys: Sequence[RowKey]
) -> Mapping[RowKey, Sequence[int]]:
    """Return the runs of taken seats of rows of dates, also of rows without any."""
    found: dict[RowKey, list[int]] = {key: [] for key in keys}
    dates, rows = [date for date, _ in keys], [row for _, row in keys]
    for run in await OF_ROWS.fetch(await connection_of(session), dates=dates, **{KEYS: rows}):
        found[run["event_date_id"], run["row_id"]] += run["first"], run["last"]
    return found

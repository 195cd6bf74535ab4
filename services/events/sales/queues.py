"""How many of those who join a sale queue come to buy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import KEYS, Statement
from core.statements.units import connection_of
from services.viewer import Viewer

# A user who joins again counts once: holds count that were made since.
COUNT = Statement(
    text(
        """
        WITH held AS (
            SELECT event_date.event_id, hold.user_id, max(hold.created_at) AS held_at,
                max(hold.created_at) FILTER (WHERE hold.state = 'SOLD') AS bought_at
            FROM ticket_hold AS hold JOIN event_date ON event_date.id = hold.event_date_id
            JOIN sale_queue ON sale_queue.event_id = event_date.event_id
            WHERE event_date.event_id = ANY(:keys) AND hold.source = 'PUBLIC'
            GROUP BY event_date.event_id, hold.user_id
        )
        SELECT queue.event_id,
            count(entry.user_id) AS joined,
            count(*) FILTER (WHERE entry.state <> 'WAITING' OR seen_at IS NOT NULL) AS called,
            count(*) FILTER (WHERE entry.state IN ('ADMITTED', 'DONE')) AS entered,
            count(*) FILTER (WHERE entry.state = 'LAPSED') AS lapsed,
            count(*) FILTER (WHERE held_at >= joined_at) AS held,
            count(*) FILTER (WHERE bought_at >= joined_at) AS bought
        FROM sale_queue AS queue
        LEFT JOIN sale_queue_entry AS entry ON entry.queue_id = queue.id
        LEFT JOIN held ON held.event_id = queue.event_id AND held.user_id = entry.user_id
        WHERE queue.event_id = ANY(:keys)
        GROUP BY queue.event_id
        """
    ).bindparams(bindparam("keys", type_=ARRAY(Uuid())))
)


@dataclass(frozen=True)
class QueueFigures:
    """The users of a queue, by how far they have come."""

    joined: int
    called: int
    entered: int
    lapsed: int
    held: int
    bought: int


async def count_queues(
    session: AsyncSession, _: Viewer, event_ids: Sequence[UUID]
) -> Mapping[UUID, QueueFigures]:
    """Return the figures of the queues of events, by event. Events without one are left out.

    Called for events whose sale the viewer sees.
    """
    rows = await COUNT.fetch(await connection_of(session), **{KEYS: list(event_ids)})
    names = QueueFigures.__dataclass_fields__
    return {row["event_id"]: QueueFigures(**{name: row[name] for name in names}) for row in rows}

"""How popular events are: the tickets that they sold lately, counted for lists from time to time.

Sales do not count it: those who buy at once would wait for the row of their event.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.events.dates import EventDate
from models.events.events import Event, EventState
from models.events.tickets import Ticket, TicketState

DAYS = 7
BATCH_SIZE = 500


async def count_popularity(session: AsyncSession, after: UUID) -> UUID | None:
    """Count the valid tickets of the events after an id that were sold in the last 7 days.

    Each date takes one range of an index, which has its newest tickets. Events whose number is the
    same are not locked. Returns the last id of the batch, None for the last batch.
    """
    rows = (
        select(Event.id, Event.popularity)
        .where(col(Event.id) > after, Event.state != EventState.ARCHIVED)
        .order_by(col(Event.id))
        .limit(BATCH_SIZE)
    )
    known = dict((await session.exec(rows)).all())
    since = now() - timedelta(days=DAYS)
    counts = (
        select(EventDate.event_id, func.count())
        .join(Ticket, col(Ticket.event_date_id) == EventDate.id)
        .where(
            col(EventDate.event_id).in_(known),
            Ticket.created_at >= since,
            Ticket.state == TicketState.VALID,
        )
        .group_by(col(EventDate.event_id))
    )
    counted = dict((await session.exec(counts)).all())
    changed = {id: counted.get(id, 0) for id in known if counted.get(id, 0) != known[id]}
    ids = select(Event.id).where(col(Event.id).in_(changed)).order_by(col(Event.id))
    locked = (await session.exec(for_change(ids))).all()
    if locked:
        values = [{"id": id, "popularity": changed[id]} for id in locked]
        await session.execute(update(Event), values)
    return max(known) if len(known) == BATCH_SIZE else None

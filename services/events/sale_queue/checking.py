"""The keys of a draw, by which anybody checks its order."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events.events import Event
from models.events.selling.sale_queue import SaleQueue, SaleQueueEntry, draw_key
from services.events.access import shown_events


async def find_draw_keys(
    session: AsyncSession, event_id: UUID, first_number: int, count: int
) -> list[str]:
    """Return the keys of numbers of a draw, without those whose users have joined again since."""
    shown = shown_events().with_only_columns(col(Event.id))
    rows = select(SaleQueue).where(
        SaleQueue.event_id == event_id, col(SaleQueue.event_id).in_(shown)
    )
    queue = (await session.exec(rows)).first()
    if queue is None or queue.revealed_seed is None:
        return []
    last = min(first_number + count - 1, queue.drawn_count)
    users = select(SaleQueueEntry.user_id).where(
        SaleQueueEntry.queue_id == queue.id,
        col(SaleQueueEntry.number).between(first_number, last),
    )
    ids = (await session.exec(users.order_by(col(SaleQueueEntry.number)))).all()
    return [draw_key(queue.seed, id).hex() for id in ids]

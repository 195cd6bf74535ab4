"""Access to sale queues: public with their event, and managed by members of its vendor."""

from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change, for_reliance
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.errors import NotFound
from models.events.events import Event
from models.events.selling.sale_queue import SaleQueue, SaleQueueEntry
from services.events.access import access_managed_event, shown_events, visible_events
from services.viewer import Viewer

_SHOWN = select(*columns_of(SaleQueue)).where(
    col(SaleQueue.event_id) == bindparam("event_id"),
    col(SaleQueue.event_id).in_(shown_events().with_only_columns(col(Event.id))),
)
QUEUE = Statement(_SHOWN, SaleQueue)
RELIED = Statement(for_reliance(_SHOWN), SaleQueue)
ENTRY = Statement(
    for_change(
        select(*columns_of(SaleQueueEntry)).where(
            col(SaleQueueEntry.queue_id) == bindparam("queue_id"),
            col(SaleQueueEntry.user_id) == bindparam("user_id"),
        )
    ),
    SaleQueueEntry,
)


def visible_queues(viewer: Viewer) -> SelectOfScalar[SaleQueue]:
    """Select the queues of events that the viewer sees."""
    events = visible_events(viewer).with_only_columns(col(Event.id))
    return select(SaleQueue).where(col(SaleQueue.event_id).in_(events))


async def find_queue_id(session: AsyncSession, event_id: UUID) -> UUID | None:
    return (await session.exec(select(SaleQueue.id).where(SaleQueue.event_id == event_id))).first()


async def access_queue(unit: UnitOfWork, event_id: UUID) -> SaleQueue:
    """Return the queue of an event that everybody sees. Raises `NotFound`."""
    queue = await QUEUE.fetch_one(await connection_of(unit), event_id=event_id)
    if queue is None:
        raise NotFound
    return queue


async def access_managed_queue(session: AsyncSession, viewer: Viewer, queue_id: UUID) -> SaleQueue:
    """Return a queue of an event that the viewer manages. Both are locked."""
    viewer.require_user()
    rows = select(SaleQueue.event_id).where(SaleQueue.id == queue_id)
    event_id = (await session.exec(rows)).first()
    if event_id is None:
        raise NotFound
    await access_managed_event(session, viewer, event_id)
    return await lock_queue(session, queue_id)


async def lock_queue(session: AsyncSession, queue_id: UUID) -> SaleQueue:
    rows = select(SaleQueue).where(SaleQueue.id == queue_id)
    return (await session.exec(for_change(rows))).one()


async def find_own_entry(
    session: AsyncSession, viewer: Viewer, event_id: UUID
) -> tuple[SaleQueueEntry, SaleQueue] | None:
    """Return the viewer's entry in the queue of an event, with the queue."""
    rows = (
        select(SaleQueueEntry, SaleQueue)
        .join(SaleQueue, col(SaleQueue.id) == col(SaleQueueEntry.queue_id))
        .where(SaleQueue.event_id == event_id, SaleQueueEntry.user_id == viewer.require_user())
    )
    return (await session.exec(rows)).first()

"""Queues as a job serves them: the draw, numbers of later comers, and the calls to enter."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Uuid, bindparam, text
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.statements.parameters import current_time
from models.events.selling.sale_queue import IDLE_MINUTES, SaleQueue, SaleQueueState
from services.events.entries import SaleQueueChanged
from services.events.sale_queue.access import lock_queue
from services.journal import append as journal
from services.journal.topics import event_topic

MAX_SLOW = 4  # statements at a time; more are a sign of pressure
QUEUE_ID = bindparam("queue_id", type_=Uuid())


def _numbered(order: str) -> str:
    """Return SQL that numbers the entries without a number, after those that have one."""
    return f"""
        UPDATE sale_queue_entry SET number = :last + fresh.place
        FROM (
            SELECT user_id, row_number() OVER (ORDER BY {order}, user_id) AS place
            FROM sale_queue_entry WHERE queue_id = :queue_id AND number IS NULL
        ) AS fresh
        WHERE sale_queue_entry.queue_id = :queue_id AND sale_queue_entry.user_id = fresh.user_id
    """  # noqa: S608 - of constants


DRAW = text(_numbered("sha256(:seed || uuid_send(user_id))")).bindparams(
    QUEUE_ID, bindparam("seed", type_=LargeBinary())
)
NUMBER = text(_numbered("joined_at")).bindparams(QUEUE_ID)
_HOLDS = """
    SELECT FROM ticket_hold JOIN event_date ON event_date.id = ticket_hold.event_date_id
    WHERE event_date.event_id = :event_id AND ticket_hold.user_id = sale_queue_entry.user_id
        AND ticket_hold.source = 'PUBLIC'
"""
_LIVE = f"EXISTS ({_HOLDS} AND ticket_hold.state IN ('OPEN', 'CHECKOUT'))"
_CALLED = "queue_id = :queue_id AND seen_at IS NOT NULL AND state IN ('WAITING', 'ADMITTED')"
IDS = QUEUE_ID, bindparam("event_id", type_=Uuid())
# Bought or given back: the place is free for another.
FINISH = text(
    f"""
    UPDATE sale_queue_entry SET state = 'DONE'
    WHERE {_CALLED} AND state = 'ADMITTED' AND NOT {_LIVE}
        AND EXISTS ({_HOLDS} AND ticket_hold.created_at >= sale_queue_entry.admitted_at)
    """  # noqa: S608 - constants of this module
).bindparams(*IDS)
LAPSE = text(
    f"""
    UPDATE sale_queue_entry SET state = 'LAPSED', admitted_at = coalesce(admitted_at, seen_at)
    WHERE {_CALLED} AND seen_at <= :before AND NOT {_LIVE}
    """  # noqa: S608 - constants of this module
).bindparams(*IDS)
ACTIVE = text(
    f"SELECT count(*) FROM sale_queue_entry WHERE {_CALLED}"  # noqa: S608 - a constant
).bindparams(QUEUE_ID)
CALL = text(
    """
    UPDATE sale_queue_entry SET seen_at = :moment
    WHERE queue_id = :queue_id AND number > :former AND number <= :serving
    """
).bindparams(QUEUE_ID)
PRESSURE = text(
    """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
        AND backend_type = 'client backend' AND query_start < clock_timestamp() - interval '500 ms'
    """
)


async def find_due_queues(session: AsyncSession) -> Sequence[UUID]:
    """Return the queues that are open, or begin or open within a minute."""
    soon = current_time() + timedelta(minutes=1)
    rows = select(SaleQueue.id).where(
        or_(
            SaleQueue.state == SaleQueueState.OPEN,
            and_(SaleQueue.state == SaleQueueState.OFF, col(SaleQueue.prequeue_at) <= soon),
            and_(SaleQueue.state == SaleQueueState.PREQUEUE, col(SaleQueue.opens_at) <= soon),
        )
    )
    return (await session.exec(rows.order_by(col(SaleQueue.id)))).all()


async def serve_queue(session: AsyncSession, queue_id: UUID) -> None:
    """Do what is due of a queue. A second call at the same time does nothing more."""
    queue, moment = await lock_queue(session, queue_id), now()
    former = queue.state, queue.serving, queue.last_number, queue.pace
    if queue.state is SaleQueueState.OFF and queue.prequeue_at <= moment:
        queue.state = SaleQueueState.PREQUEUE
    if queue.state is SaleQueueState.PREQUEUE and queue.opens_at <= moment:
        await draw(session, queue)
    moved = queue.state is SaleQueueState.OPEN and await _serve(session, queue)
    if moved or former != (queue.state, queue.serving, queue.last_number, queue.pace):
        journal.append(session, SaleQueueChanged(queue.id), to=[event_topic(queue.event_id)])


async def draw(session: AsyncSession, queue: SaleQueue) -> None:
    """Give all who have joined numbers by the seed, and open the queue, which is locked."""
    entries = await _execute(session, DRAW, queue_id=queue.id, seed=queue.seed, last=0)
    queue.draw(entries, now())


async def _serve(session: AsyncSession, queue: SaleQueue) -> bool:
    """Give later comers numbers, free the places of those who are done, and call others.

    Returns whether some are done: the vendor's members follow how many buy.
    """
    ids = {"queue_id": queue.id, "event_id": queue.event_id}
    more = await _execute(session, NUMBER, queue_id=queue.id, last=queue.last_number)
    queue.last_number += more
    moment = now()
    done = await _execute(session, FINISH, **ids)
    done += await _execute(session, LAPSE, **ids, before=moment - timedelta(minutes=IDLE_MINUTES))
    if queue.paused:
        return done > 0
    slow = (await session.execute(PRESSURE)).scalar_one() >= MAX_SLOW
    queue.adjust_pace(slow=slow)
    active = (await session.execute(ACTIVE, {"queue_id": queue.id})).scalar_one()
    former = queue.serving
    queue.serve(moment, active)
    if queue.serving > former:
        called = {"former": former, "serving": queue.serving, "moment": moment}
        await _execute(session, CALL, queue_id=queue.id, **called)
    return done > 0


async def _execute(session: AsyncSession, statement: Any, **values: Any) -> int:
    result: Any = await session.execute(statement, values)
    return int(result.rowcount)

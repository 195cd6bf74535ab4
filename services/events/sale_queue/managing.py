"""Sale queues as members of the vendor create, open, pause and end them."""

import hashlib
import secrets
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.errors import InvalidInput
from models.events.selling.sale_queue import (
    SEED_BYTES,
    InvalidQueueState,
    SaleQueue,
    SaleQueueDraft,
    SaleQueueState,
)
from services import idempotency
from services.events.access import access_managed_event
from services.events.entries import SaleQueueChanged
from services.events.sale_queue.access import access_managed_queue
from services.events.sale_queue.serving import draw
from services.journal import append as journal
from services.journal.topics import event_topic
from services.viewer import Viewer


async def create_sale_queue(
    session: AsyncSession,
    viewer: Viewer,
    *,
    event_id: UUID,
    draft: SaleQueueDraft,
    idempotency_key: str,
) -> SaleQueue:
    """Add a queue to an event, once per idempotency key. Raises `SaleQueueExists`.

    The seed of the draw is chosen now, before anybody joins, and its hash is public at once.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "createSaleQueue",
        idempotency_key,
        event_id=event_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return await access_managed_queue(session, viewer, claimed.replayed)
    event = await access_managed_event(session, viewer, event_id)
    event.ensure_editable()
    if draft.opens_at <= now():
        raise InvalidInput("This time is over. Choose a later one.", field=["opensAt"])
    seed = secrets.token_bytes(SEED_BYTES)
    queue = SaleQueue(
        event_id=event_id,
        seed=seed,
        seed_hash=hashlib.sha256(seed).digest(),
        pace=draft.per_minute,
        **draft.model_dump(),
    )
    session.add(queue)
    await session.flush()
    announce_queue(session, queue)
    await idempotency.record_result(session, claimed, queue.id)
    return queue


async def open_sale_queue(session: AsyncSession, viewer: Viewer, *, queue_id: UUID) -> SaleQueue:
    """Open a queue before its time, or go on with one that is paused.

    Raises `InvalidQueueState` for one that has ended.
    """
    queue = await access_managed_queue(session, viewer, queue_id)
    if queue.state is SaleQueueState.ENDED:
        raise InvalidQueueState
    moment = now()
    if queue.state is not SaleQueueState.OPEN:
        queue.prequeue_at, queue.opens_at = min(queue.prequeue_at, moment), moment
        await draw(session, queue)
    if queue.paused:
        queue.paused_at, queue.served_at = None, moment
    announce_queue(session, queue)
    return queue


async def pause_sale_queue(session: AsyncSession, viewer: Viewer, *, queue_id: UUID) -> SaleQueue:
    """Stop the calls until the queue is opened again. Those who were called go on."""
    queue = await access_managed_queue(session, viewer, queue_id)
    if queue.state is not SaleQueueState.OPEN:
        raise InvalidQueueState
    if not queue.paused:
        queue.paused_at = now()
        announce_queue(session, queue)
    return queue


async def end_sale_queue(session: AsyncSession, viewer: Viewer, *, queue_id: UUID) -> SaleQueue:
    """End a queue: from then on anybody can hold tickets. The seed is revealed."""
    queue = await access_managed_queue(session, viewer, queue_id)
    if queue.state is SaleQueueState.ENDED:
        return queue
    if queue.drawn_at is None:
        await draw(session, queue)
    queue.state = SaleQueueState.ENDED
    announce_queue(session, queue)
    return queue


def announce_queue(session: AsyncSession, queue: SaleQueue) -> None:
    """Announce a change to all who follow the queue. They share one execution."""
    journal.append(session, SaleQueueChanged(queue.id), to=[event_topic(queue.event_id)])

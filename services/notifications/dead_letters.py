"""Dead letters: deliveries and jobs that failed for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import false, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, newest_first
from models.audit import AuditAct
from models.errors import NotFound
from models.notifications.deliveries import Delivery, DeliveryState, SkipReason
from services import jobs
from services.audit import entries as audit
from services.jobs import task_name
from services.viewer import Viewer

DEAD_JOBS = text(
    """
    SELECT id, replace(task_name, :prefix, ''), attempts, (
        SELECT max(at) FROM procrastinate_events WHERE job_id = job.id AND type = 'failed'
    )
    FROM procrastinate_jobs AS job WHERE status = 'failed' ORDER BY id DESC LIMIT :most
    """
)


@dataclass(frozen=True)
class DeadJob:
    """A job that failed for good. Its error is in the worker's log."""

    number: int
    task: str
    attempts: int
    given_up_at: datetime | None


def visible_deliveries(viewer: Viewer) -> SelectOfScalar[Delivery]:
    """Select deliveries. Only admins see them."""
    return select(Delivery) if viewer.admin else select(Delivery).where(false())


def list_dead_letters(viewer: Viewer) -> Listing[Delivery]:
    """List the failed deliveries, for admins only."""
    viewer.require_admin()
    rows = select(Delivery).where(Delivery.state == DeliveryState.FAILED)
    return Listing(rows, newest_first(Delivery, Delivery.completed_at))


async def list_dead_jobs(session: AsyncSession, viewer: Viewer, most: int) -> Sequence[DeadJob]:
    """Return the latest failed jobs of any kind, for admins only."""
    viewer.require_admin()
    found = await session.execute(DEAD_JOBS, {"prefix": task_name(""), "most": most})
    return [DeadJob(*row) for row in found]


async def retry_dead_letter(
    session: AsyncSession, viewer: Viewer, *, delivery_id: UUID
) -> Delivery:
    """Deliver a dead letter now, with all attempts again."""
    delivery = await _access_dead_letter(session, viewer, delivery_id)
    delivery.state, delivery.completed_at, delivery.attempts = DeliveryState.WAITING, None, 0
    delivery.due_at = now()
    audit.append(session, viewer, AuditAct.RETRY_DEAD_LETTER, subject_id=delivery.id)
    await jobs.defer(session, "deliver", delivery_id=delivery.id)
    return delivery


async def drop_dead_letter(session: AsyncSession, viewer: Viewer, *, delivery_id: UUID) -> Delivery:
    """Drop a dead letter; the delivery is kept as skipped."""
    delivery = await _access_dead_letter(session, viewer, delivery_id)
    delivery.complete(DeliveryState.SKIPPED, skip_reason=SkipReason.DROPPED)
    audit.append(session, viewer, AuditAct.DROP_DEAD_LETTER, subject_id=delivery.id)
    return delivery


async def _access_dead_letter(session: AsyncSession, viewer: Viewer, delivery_id: UUID) -> Delivery:
    viewer.require_admin()
    rows = select(Delivery).where(Delivery.id == delivery_id)
    delivery = (await session.exec(for_change(rows))).first()
    if delivery is None or delivery.state is not DeliveryState.FAILED:
        raise NotFound
    return delivery

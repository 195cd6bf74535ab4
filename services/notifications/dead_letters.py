"""What could not be delivered, and admins who try again or let it be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, false, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.errors import NotAllowed
from core.keyset import Ordering
from models.errors import NotFound
from models.notifications.deliveries import Delivery, DeliveryState, SkipReason
from services import jobs
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
    """A job that was given up, by the name of its task. Its log has what went wrong."""

    number: int
    task: str
    attempts: int
    given_up_at: datetime | None


def visible_deliveries(viewer: Viewer) -> SelectOfScalar[Delivery]:
    """All for an admin, none for anybody else."""
    return select(Delivery) if viewer.admin else select(Delivery).where(false())


def list_dead_letters(viewer: Viewer) -> tuple[SelectOfScalar[Delivery], Ordering]:
    """Deliveries that have been given up, the latest first, for admins."""
    _ensure_admin(viewer)
    rows = select(Delivery).where(Delivery.state == DeliveryState.FAILED)
    given_up_at = col(Delivery.completed_at)
    return rows, Ordering(
        "dead letters", given_up_at, Delivery.id, datetime.fromisoformat, descending=True
    )


async def list_dead_jobs(session: AsyncSession, viewer: Viewer, most: int) -> Sequence[DeadJob]:
    """Jobs of any kind that were given up, the latest first, for admins."""
    _ensure_admin(viewer)
    found = await session.execute(DEAD_JOBS, {"prefix": task_name(""), "most": most})
    return [DeadJob(*row) for row in found]


async def retry_dead_letter(
    session: AsyncSession, viewer: Viewer, *, delivery_id: UUID
) -> Delivery:
    """Give a dead letter all its attempts anew."""
    delivery = await _access_dead_letter(session, viewer, delivery_id)
    delivery.state, delivery.completed_at, delivery.attempts = DeliveryState.WAITING, None, 0
    delivery.due_at = now()
    await jobs.defer(session, "deliver", delivery_id=delivery.id)
    return delivery


async def drop_dead_letter(session: AsyncSession, viewer: Viewer, *, delivery_id: UUID) -> Delivery:
    """Let a dead letter be; it stays on record as skipped."""
    delivery = await _access_dead_letter(session, viewer, delivery_id)
    delivery.complete(DeliveryState.SKIPPED, skip_reason=SkipReason.DROPPED)
    return delivery


async def _access_dead_letter(session: AsyncSession, viewer: Viewer, delivery_id: UUID) -> Delivery:
    viewer.require_user()
    rows = visible_deliveries(viewer).where(Delivery.id == delivery_id)
    delivery = (await session.exec(for_change(rows))).first()
    if delivery is None or delivery.state is not DeliveryState.FAILED:
        raise NotFound
    return delivery


def _ensure_admin(viewer: Viewer) -> None:
    if viewer.require_user() and not viewer.admin:
        raise NotAllowed("Only admins see what could not be delivered.")

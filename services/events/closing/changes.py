"""Changes of dates that concern the holders of tickets, with the job that carries them out."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.events.date_changes import DateCancelDraft, DateChange, DateChangeKind
from models.events.dates import EventDate
from models.events.tickets import Ticket, TicketState
from services import jobs
from services.viewer import Viewer

BATCH_SIZE = 100
LOST_AFTER = timedelta(minutes=30)
WATCHED = timedelta(days=30)  # orders that are paid late are over by then


async def record_date_change(
    session: AsyncSession,
    viewer: Viewer,
    date: EventDate,
    kind: DateChangeKind,
    draft: DateCancelDraft | None = None,
) -> None:
    """Record a change of a locked date, which has its new revision, for the holders of tickets."""
    given = draft.model_dump() if draft else {}
    change = DateChange(
        event_date_id=date.id,
        kind=kind,
        revision=date.revision,
        changed_by_id=viewer.require_user(),
        **given,
    )
    session.add(change)
    await jobs.defer(session, "carry_out_date_change", change_id=change.id)


async def find_unfinished(session: AsyncSession) -> Sequence[UUID]:
    """Return changes whose job was lost, and cancelled dates for which a ticket was issued late."""
    moment = now()
    open_ones = select(DateChange.id).where(
        col(DateChange.done_at).is_(None), DateChange.created_at <= moment - LOST_AFTER
    )
    late = (
        select(DateChange.id)
        .join(Ticket, col(Ticket.event_date_id) == col(DateChange.event_date_id))
        .where(
            DateChange.kind == DateChangeKind.CANCELLED,
            DateChange.created_at >= moment - WATCHED,
            Ticket.state == TicketState.VALID,
        )
    )
    found = [(await session.exec(rows.limit(BATCH_SIZE))).all() for rows in (open_ones, late)]
    return sorted({id for ids in found for id in ids})

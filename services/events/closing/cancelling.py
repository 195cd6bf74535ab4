"""Cancelling dates and events: nothing is sold from that moment on. A job does the rest."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.audit import AuditAct
from models.events.date_changes import DateCancelDraft, DateChangeKind
from models.events.dates import EventDate, EventDateState, to_come
from models.events.events import Event, EventState
from services.audit import entries as audit
from services.events.access import access_managed_date, access_managed_event
from services.events.announcing import announce_event
from services.events.closing.changes import record_date_change
from services.events.listing import end_if_over, refresh
from services.viewer import Viewer


async def cancel_event(
    session: AsyncSession, viewer: Viewer, draft: DateCancelDraft, *, event_id: UUID
) -> Event:
    """Cancel an event with all its dates that are not over. A second call changes nothing.

    Raises `InvalidEventState` for a draft and for an event that is over.
    """
    event = await access_managed_event(session, viewer, event_id)
    if event.state is EventState.CANCELLED:
        return event
    event.state.ensure_can_become(EventState.CANCELLED)
    rows = select(EventDate).where(EventDate.event_id == event_id, to_come())
    for date in await session.exec(for_change(rows.order_by(col(EventDate.id)))):
        await _close(session, viewer, date, draft)
    event.state, event.cancelled_at = EventState.CANCELLED, now()
    audit.append(session, viewer, AuditAct.CANCEL_EVENT, subject_id=event.id)
    await _announce(session, event)
    return event


async def cancel_event_date(
    session: AsyncSession, viewer: Viewer, draft: DateCancelDraft, *, event_date_id: UUID
) -> EventDate:
    """Cancel a date. A second call changes nothing. The last one ends its event.

    Raises `InvalidEventState` for a date that is over.
    """
    event, date = await access_managed_date(session, viewer, event_date_id)
    if date.state is EventDateState.CANCELLED:
        return date
    date.ensure_changeable(now())
    await _close(session, viewer, date, draft)
    audit.append(session, viewer, AuditAct.CANCEL_EVENT_DATE, subject_id=date.id)
    await end_if_over(session, event)
    await _announce(session, event)
    return date


async def _close(
    session: AsyncSession, viewer: Viewer, date: EventDate, draft: DateCancelDraft
) -> None:
    """Close a date that is locked with its event."""
    date.state, date.cancelled_at = EventDateState.CANCELLED, now()
    date.revision += 1
    await record_date_change(session, viewer, date, DateChangeKind.CANCELLED, draft)


async def _announce(session: AsyncSession, event: Event) -> None:
    await refresh(session, event)
    announce_event(session, event)

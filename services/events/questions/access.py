"""Access to questions: to those that are asked, and to all of a vendor's for its members."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from models.errors import NotFound
from models.events.events import Event
from models.events.questions import EventQuestion
from models.events.ticket_types import TicketType, TicketTypeKind, TicketTypeState
from models.members import Permission
from services.events.access import access_managed_event, shown_events
from services.vendors.access import works_at
from services.viewer import Viewer


def visible_questions(viewer: Viewer) -> SelectOfScalar[EventQuestion]:
    """Select questions of shown events, and all of the viewer's vendors.

    Those of a ticket type that needs a code are left out. Holds show theirs.
    """
    if viewer.admin:
        return select(EventQuestion)
    events: Any = shown_events().with_only_columns(col(Event.id))
    types = select(TicketType.id).where(
        TicketType.state == TicketTypeState.ACTIVE, ~col(TicketType.needs_code)
    )
    type_id = col(EventQuestion.ticket_type_id)
    shown = and_(
        col(EventQuestion.event_id).in_(events),
        col(EventQuestion.active),
        or_(type_id.is_(None), type_id.in_(types)),
    )
    if viewer.user_id is None:
        return select(EventQuestion).where(shown)
    own = select(Event.id).where(
        works_at(viewer.staff, col(Event.vendor_id), Permission.SEE_EVENTS)
    )
    return select(EventQuestion).where(or_(shown, col(EventQuestion.event_id).in_(own)))


def asked_of_type() -> ColumnElement[bool]:
    """Return the condition by which a question is asked of a ticket type, as `asks` has it."""
    type_id = col(EventQuestion.ticket_type_id)
    admission = col(TicketType.kind) == TicketTypeKind.ADMISSION
    return or_(type_id == col(TicketType.id), and_(type_id.is_(None), admission))


async def access_managed_question(
    session: AsyncSession, viewer: Viewer, question_id: UUID
) -> tuple[Event, EventQuestion]:
    """Return a question that the viewer manages, and its event. Both are locked."""
    viewer.require_user()
    rows = select(EventQuestion.event_id).where(EventQuestion.id == question_id)
    event_id = (await session.exec(rows)).first()
    if event_id is None:
        raise NotFound
    event = await access_managed_event(session, viewer, event_id)
    questions = select(EventQuestion).where(EventQuestion.id == question_id)
    return event, (await session.exec(for_change(questions))).one()

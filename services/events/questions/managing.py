"""Questions of an event: written and ordered by the members of its vendor."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import NotFound
from models.events.events import Event
from models.events.questions import (
    MAX_KEPT_QUESTIONS,
    MAX_QUESTIONS,
    EventQuestion,
    EventQuestionDraft,
    QuestionLimitReached,
)
from models.events.ticket_types import TicketType
from models.questions import QuestionPatch
from services import idempotency
from services.events.access import access_managed_event
from services.events.announcing import announce_event
from services.events.questions.access import access_managed_question
from services.questions import change_question, next_position, put_in_order
from services.viewer import Viewer


async def create_question(
    session: AsyncSession,
    viewer: Viewer,
    draft: EventQuestionDraft,
    *,
    event_id: UUID,
    ticket_type_id: UUID | None,
    idempotency_key: str,
) -> EventQuestion:
    """Add a question to an event, the last one, once per idempotency key.

    Raises `QuestionLimitReached`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "createEventQuestion",
        idempotency_key,
        event_id=event_id,
        ticket_type_id=ticket_type_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return (await access_managed_question(session, viewer, claimed.replayed))[1]
    event = await access_managed_event(session, viewer, event_id)
    event.ensure_editable()
    known = await list_questions(session, event.id)
    if len(known) >= MAX_KEPT_QUESTIONS:
        raise QuestionLimitReached(most=MAX_KEPT_QUESTIONS)
    _ensure_room(known)
    await _ensure_type(session, event, ticket_type_id)
    question = EventQuestion(
        event_id=event.id,
        ticket_type_id=ticket_type_id,
        locale=event.locale,
        position=next_position(known),
        **draft.model_dump(),
    )
    session.add(question)
    announce_event(session, event)
    await idempotency.record_result(session, claimed, question.id)
    return question


async def update_question(
    session: AsyncSession, viewer: Viewer, patch: QuestionPatch, *, question_id: UUID
) -> EventQuestion:
    """Change a question. Answers that are there stay, also those with a choice that is removed."""
    event, question = await access_managed_question(session, viewer, question_id)
    event.ensure_editable()
    change_question(question, patch, EventQuestionDraft)
    announce_event(session, event)
    return question


async def retire_question(
    session: AsyncSession, viewer: Viewer, *, question_id: UUID
) -> EventQuestion:
    """Stop asking a question. Its answers are kept."""
    event, question = await access_managed_question(session, viewer, question_id)
    event.ensure_editable()
    if question.active:
        question.active = False
        announce_event(session, event)
    return question


async def restore_question(
    session: AsyncSession, viewer: Viewer, *, question_id: UUID
) -> EventQuestion:
    """Ask a question again that was retired. Raises `QuestionLimitReached`."""
    event, question = await access_managed_question(session, viewer, question_id)
    event.ensure_editable()
    if not question.active:
        _ensure_room(await list_questions(session, event.id))
        question.active = True
        announce_event(session, event)
    return question


async def order_questions(
    session: AsyncSession, viewer: Viewer, *, event_id: UUID, question_ids: Sequence[UUID]
) -> Event:
    """Give the questions that are asked another order, before the retired ones.

    Raises `InvalidInput` unless these are all of them.
    """
    event = await access_managed_event(session, viewer, event_id)
    event.ensure_editable()
    put_in_order(await list_questions(session, event.id), question_ids)
    announce_event(session, event)
    return event


async def list_questions(session: AsyncSession, event_id: UUID) -> Sequence[EventQuestion]:
    """Return the questions of an event in their order, with retired ones."""
    rows = select(EventQuestion).where(EventQuestion.event_id == event_id)
    ordered = rows.order_by(col(EventQuestion.position), col(EventQuestion.id))
    return (await session.exec(ordered)).all()


def _ensure_room(known: Sequence[EventQuestion]) -> None:
    if sum(one.active for one in known) >= MAX_QUESTIONS:
        raise QuestionLimitReached(most=MAX_QUESTIONS)


async def _ensure_type(session: AsyncSession, event: Event, ticket_type_id: UUID | None) -> None:
    """Raise `NotFound` for a ticket type of another event."""
    if ticket_type_id is None:
        return
    rows = select(TicketType.id).where(
        TicketType.id == ticket_type_id, TicketType.event_id == event.id
    )
    if (await session.exec(rows)).first() is None:
        raise NotFound(field=["ticketTypeId"])

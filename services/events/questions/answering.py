"""Answers to questions: given for a hold before it is ordered, and for a ticket after."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.sealed import Sealer
from models.errors import InvalidInput, NotFound
from models.events.dates import EventDate
from models.events.events import Event
from models.events.questions import (
    AnswersClosed,
    AttendeeAnswer,
    EventQuestion,
    QuestionAnswerDraft,
    QuestionScope,
)
from models.events.selling.holds import HoldLine, TicketHold
from models.events.ticket_types import TicketType
from models.events.tickets import Ticket
from services.events.entries import HoldChanged
from services.events.holds.access import lock_own_hold
from services.events.tickets.access import ensure_before_end, find_ticket, lock_ticket
from services.events.tickets.naming import announce_ticket
from services.journal import append as journal
from services.journal.topics import user_topic
from services.questions import ensure_answer, find_asked, put_answer
from services.viewer import Viewer

Key = tuple[UUID, int]


async def answer_hold(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    answers: Sequence[QuestionAnswerDraft],
    *,
    hold_id: UUID,
) -> TicketHold:
    """Set answers for the tickets of an open hold of the viewer.

    The place of a ticket is its number in the order of the hold's lines. Raises `NotFound` for a
    question that is not asked for it, `HoldExpired` and `InvalidInput`.
    """
    hold = await lock_own_hold(session, viewer, hold_id)
    hold.ensure_open(now())
    types = await _types_by_place(session, hold_id)
    asked = await _find_asked(session, hold.event_date_id, types)
    for at, one in enumerate(answers):
        _ensure_asked(asked, one, types, ["answers", str(at)])
    rows = select(AttendeeAnswer).where(AttendeeAnswer.hold_id == hold_id)
    known = {(one.question_id, one.place): one for one in await session.exec(rows)}
    for one in answers:
        given: dict[str, Any] = {"hold_id": hold.id, "user_id": hold.user_id, "place": one.place}
        await _set(session, sealer, known, one, given)
    journal.append(session, HoldChanged(hold.id), to=[user_topic(hold.user_id)])
    return hold


async def answer_ticket(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    answers: Sequence[QuestionAnswerDraft],
    *,
    ticket_id: UUID,
) -> Ticket:
    """Set answers for a ticket: for its holder until the event's deadline, for members until the
    end of the date.

    Raises `NotFound`, `TicketCancelled`, `AnswersClosed`, `TicketDateOver` and `InvalidInput`.
    """
    await find_ticket(session, viewer, ticket_id)
    await lock_ticket(session, ticket_id)
    ticket = await find_ticket(session, viewer, ticket_id)
    ticket.ensure_valid()
    date = await ensure_before_end(session, ticket)
    user_id = viewer.require_user()
    if ticket.holder_id == user_id:
        event = await session.get_one(Event, date.event_id)
        until = date.answers_until(event.answer_until_hours)
        if until is not None and until <= now():
            raise AnswersClosed
    types = [await session.get_one(TicketType, ticket.ticket_type_id)]
    asked = await _find_asked(session, date.id, types)
    for at, one in enumerate(answers):
        question = _ensure_asked(asked, one, types, ["answers", str(at)])
        if question.scope is not QuestionScope.TICKET:
            raise NotFound(field=["answers", str(at), "questionId"])
    rows = select(AttendeeAnswer).where(AttendeeAnswer.ticket_id == ticket_id)
    known = {(one.question_id, 0): one for one in await session.exec(rows)}
    about = ticket.holder_id or ticket.buyer_id or user_id
    for one in answers:
        await _set(session, sealer, known, one, {"ticket_id": ticket.id, "user_id": about})
    announce_ticket(session, ticket)
    return ticket


async def _set(
    session: AsyncSession,
    sealer: Sealer,
    known: Mapping[Key, AttendeeAnswer],
    draft: QuestionAnswerDraft,
    given: Mapping[str, Any],
) -> None:
    current = known.get((draft.question_id, draft.place))
    new = AttendeeAnswer(question_id=draft.question_id, **given)
    answer = await put_answer(session, sealer, current, new, draft)
    if answer is not None:
        answer.user_id = given["user_id"]


def _ensure_asked(
    asked: Mapping[UUID, EventQuestion],
    draft: QuestionAnswerDraft,
    types: Sequence[TicketType],
    field: Sequence[str],
) -> EventQuestion:
    """Return the question of an answer. A required one is answered, or was not yet."""
    question = find_asked(asked, draft, field)
    whole = question.scope is QuestionScope.ORDER
    last = 0 if whole else len(types) - 1
    about = types if whole else types[draft.place :][:1]
    if draft.place > last or not any(question.asks(one) for one in about):
        raise InvalidInput("This ticket is not asked this question.", field=[*field, "place"])
    ensure_answer(question, draft, field)
    return question


async def _types_by_place(session: AsyncSession, hold_id: UUID) -> list[TicketType]:
    """Return the types of the tickets of a hold, in the order in which they are issued."""
    rows = (
        select(HoldLine, TicketType)
        .join(TicketType, col(TicketType.id) == HoldLine.ticket_type_id)
        .where(HoldLine.hold_id == hold_id)
        .order_by(col(HoldLine.position))
    )
    lines = await session.exec(rows)
    return [kind for line, kind in lines for _ in range(line.tickets)]


async def _find_asked(
    session: AsyncSession, event_date_id: UUID, types: Sequence[TicketType]
) -> Mapping[UUID, EventQuestion]:
    """Return the questions that are asked of any of some types of a date, by id."""
    rows = (
        select(EventQuestion)
        .join(EventDate, col(EventDate.event_id) == EventQuestion.event_id)
        .where(EventDate.id == event_date_id, col(EventQuestion.active))
    )
    found = await session.exec(rows)
    return {one.id: one for one in found if any(one.asks(kind) for kind in types)}

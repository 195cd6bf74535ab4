"""Answers as columns of an export of attendees."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.events.dates import EventDate
from models.events.questions import AttendeeAnswer, EventQuestion, QuestionScope
from models.events.selling.holds import TicketHold
from models.events.tickets import Ticket

Answers = Mapping[tuple[UUID, UUID], AttendeeAnswer]


@dataclass(frozen=True)
class AnswerColumns:
    """The questions of a date's event in their order, and the answers by question and subject.

    The subject is the ticket, or the hold that it was bought with.
    """

    questions: Sequence[EventQuestion]
    answers: Answers

    @property
    def names(self) -> list[str]:
        """Return the questions, numbered where several of an event are worded the same."""
        prompts = [one.own_prompt for one in self.questions]
        numbers = [prompts[: at + 1].count(prompt) for at, prompt in enumerate(prompts)]
        return [
            prompt if number == 1 else f"{prompt} ({number})"
            for prompt, number in zip(prompts, numbers, strict=True)
        ]

    def cells(self, ticket: Ticket, sealer: Sealer) -> Iterator[str]:
        """Yield the answers for a ticket, with those of its order."""
        for question in self.questions:
            whole = question.scope is QuestionScope.ORDER
            subject = ticket.hold_id if whole else ticket.id
            answer = self.answers.get((question.id, subject)) if subject else None
            yield question.write(answer.open_value(sealer)) if answer else ""


async def find_questions(session: AsyncSession, event_date_id: UUID) -> Sequence[EventQuestion]:
    """Return the questions of a date's event that are columns, in their order.

    One that is not asked any more is, if it was answered for a ticket of the date.
    """
    tickets = select(Ticket.id).where(Ticket.event_date_id == event_date_id)
    holds = select(TicketHold.id).where(TicketHold.event_date_id == event_date_id)
    answered = select(AttendeeAnswer.question_id).where(
        or_(col(AttendeeAnswer.ticket_id).in_(tickets), col(AttendeeAnswer.hold_id).in_(holds))
    )
    rows = (
        select(EventQuestion)
        .join(EventDate, col(EventDate.event_id) == EventQuestion.event_id)
        .where(
            EventDate.id == event_date_id,
            or_(col(EventQuestion.active), col(EventQuestion.id).in_(answered)),
        )
        .order_by(col(EventQuestion.position), col(EventQuestion.id))
    )
    return (await session.exec(rows)).all()


async def read_answers(
    session: AsyncSession, questions: Sequence[EventQuestion], tickets: Sequence[Ticket]
) -> Answers:
    """Return the answers to questions for some tickets and their orders, in one statement."""
    holds = {one.hold_id for one in tickets if one.hold_id}
    rows = select(AttendeeAnswer).where(
        col(AttendeeAnswer.question_id).in_([one.id for one in questions]),
        or_(
            col(AttendeeAnswer.ticket_id).in_([one.id for one in tickets]),
            col(AttendeeAnswer.hold_id).in_(holds),
        ),
    )
    return {
        (one.question_id, subject): one
        for one in await session.exec(rows)
        if (subject := one.ticket_id or one.hold_id)
    }

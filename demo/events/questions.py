"""Adds questions of events, and the answers that are given at the desk."""

from collections.abc import Sequence

from demo.events.programme import Programme
from models.events.questions import AttendeeAnswer, EventQuestion, QuestionScope
from models.events.tickets import Ticket
from models.identity.accounts import User
from models.questions import AnswerValue, QuestionKind


def add_question(
    programme: Programme,
    name: str,
    kind: QuestionKind,
    type_name: str | None = None,
    *,
    scope: QuestionScope = QuestionScope.TICKET,
    choices: Sequence[str] = (),
    required: bool = False,
) -> None:
    """Add a question of the texts, to the buyers of one ticket type or of all."""
    event, texts = programme.row, programme.texts
    question = EventQuestion(
        id=programme.rng.uuid7_at(event.created_at),
        created_at=event.created_at,
        event_id=event.id,
        ticket_type_id=programme.types[type_name].id if type_name else None,
        scope=scope,
        kind=kind,
        position=len(programme.questions),
        locale=event.locale,
        prompt=texts["questions"][name],
        choices=[{"key": key, "name": texts["choices"][key]} for key in choices],
        required=required,
    )
    programme.questions[name] = question
    programme.dataset.event_rows.append(question)


def answer_at_desk(
    programme: Programme, name: str, ticket: Ticket, value: AnswerValue, seller: User
) -> None:
    """Add the answer of a visitor, which the seller of the ticket wrote down."""
    answer = AttendeeAnswer(
        id=programme.rng.uuid7_at(ticket.created_at),
        created_at=ticket.created_at,
        question_id=programme.questions[name].id,
        user_id=seller.id,
        ticket_id=ticket.id,
    )
    programme.dataset.answers.append((answer, value))

"""Inputs of questions to attendees, and of answers."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, id_of, ids_of
from engine.types import column
from models.events.questions import (
    MAX_QUESTIONS,
    AnswersDraft,
    EventQuestionDraft,
    QuestionAnswerDraft,
)
from models.questions import MAX_ANSWERS
from models.validation import parse
from schema.events.enums import QuestionScope
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.questions.enums import QuestionKind
from schema.questions.inputs import (
    CHOICES,
    PROMPT,
    AnswerValueInput,
    QuestionChoiceInput,
    answer_value,
    parse_question,
)
from schema.texts import Texts

QuestionId = Annotated[UUID, id_of("EventQuestion", "The question's id.")]
EventNodeId = Annotated[UUID, id_of("Event", "The event's id.")]
QuestionIds = Annotated[
    list[UUID],
    ids_of(
        "EventQuestion",
        f"The ids of all questions that are asked, in the new order: at most {MAX_QUESTIONS}.",
    ),
]
REQUIRED = "Whether tickets can be ordered only with an answer."


@strawberry.input(description="A new question of an event.")
class CreateEventQuestionInput:
    event_id: UUID = id_field("Event", "The event's id.")
    kind: QuestionKind = column("How it is answered, which cannot be changed.")
    prompt: Texts = column(PROMPT)
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    ticket_type_id: UUID | None = id_field(
        "TicketType",
        "The id of the ticket type whose buyers are asked, which cannot be changed. If omitted,"
        " those of all types of the kind ADMISSION are.",
        default=None,
    )
    scope: QuestionScope = strawberry.field(
        default=QuestionScope.TICKET,
        description="Whether each attendee answers it or the buyer, which cannot be changed.",
    )
    choices: list[QuestionChoiceInput] | None = strawberry.field(default=None, description=CHOICES)
    required: bool = strawberry.field(default=False, description=REQUIRED)


@strawberry.input(
    description="Changes to a question. Omitted fields stay unchanged. Null resets a field to its"
    " default in `CreateEventQuestionInput`; a field that is required there can't be null. Answers"
    " that are there stay."
)
class UpdateEventQuestionInput:
    question_id: UUID = id_field("EventQuestion", "The question's id.")
    prompt: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the question in all languages."
    )
    choices: list[QuestionChoiceInput] | None = strawberry.field(
        default=UNSET, description="Replaces the choices."
    )
    required: bool | None = strawberry.field(default=UNSET, description=REQUIRED)


@strawberry.input(description="An answer for a hold.")
class HoldAnswerInput:
    question_id: UUID = id_field("EventQuestion", "The question's id.")
    value: AnswerValueInput | None = column("The answer. Null removes the one that is there.")
    place: int = strawberry.field(
        default=0,
        description="The number of the ticket in the order of the hold's lines, from 0. Leave it"
        " out for a question that is asked once.",
    )


@strawberry.input(description="Answers for the tickets of a hold. Others stay.")
class AnswerHoldQuestionsInput:
    hold_id: UUID = id_field("TicketHold", "The hold's id.")
    answers: list[HoldAnswerInput] = column(f"The answers, at most {MAX_ANSWERS}.")


@strawberry.input(description="An answer for a ticket.")
class TicketAnswerInput:
    question_id: UUID = id_field("EventQuestion", "The question's id.")
    value: AnswerValueInput | None = column("The answer. Null removes the one that is there.")


@strawberry.input(description="Answers for a ticket. Others stay.")
class AnswerTicketQuestionsInput:
    ticket_id: UUID = id_field("Ticket", "The ticket's id.")
    answers: list[TicketAnswerInput] = column(f"The answers, at most {MAX_ANSWERS}.")


def question_draft(input: CreateEventQuestionInput) -> EventQuestionDraft:
    return parse_question(EventQuestionDraft, input, scope=input.scope)


def answer_drafts(
    given: Sequence[HoldAnswerInput] | Sequence[TicketAnswerInput],
) -> list[QuestionAnswerDraft]:
    values = [vars(one) | {"value": answer_value(one.value)} for one in given]
    return parse(AnswersDraft, answers=values).answers

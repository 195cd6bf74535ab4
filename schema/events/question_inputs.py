"""Inputs of questions to attendees, and of answers."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, id_of, ids_of
from engine.types import column
from models.events.questions import (
    MAX_ANSWER_LENGTH,
    MAX_ANSWERS,
    MAX_CHOICE_KEY,
    MAX_CHOICES,
    MAX_QUESTIONS,
    AnswersDraft,
    QuestionAnswerDraft,
    QuestionDraft,
    QuestionPatch,
)
from models.validation import parse
from schema.events.enums import QuestionKind, QuestionScope
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.texts import TextLists, Texts, by_locale, parse_texts

QuestionId = Annotated[UUID, id_of("EventQuestion", "The question's id.")]
EventNodeId = Annotated[UUID, id_of("Event", "The event's id.")]
QuestionIds = Annotated[
    list[UUID],
    ids_of(
        "EventQuestion",
        f"The ids of all questions that are asked, in the new order: at most {MAX_QUESTIONS}.",
    ),
]
PROMPT = "The question in each language, at most 200 characters."
REQUIRED = "Whether tickets can be ordered only with an answer."
CHOICES = (
    f"The choices in their order, at most {MAX_CHOICES}, of a question that is answered with them."
)


@strawberry.input(description="A choice of a question.")
class QuestionChoiceInput:
    key: str = column(
        f"The key for programs, at most {MAX_CHOICE_KEY} lower-case Latin letters, digits and"
        " hyphens, unique in the question. Answers have it, so keep it when the name changes."
    )
    name: Texts = column("The name in each language, at most 80 characters.")


@strawberry.input(description="A new question of an event.")
class CreateEventQuestionInput:
    event_id: UUID = id_field("Event", "The event's id.")
    kind: QuestionKind = column("How it is answered, which cannot be changed.")
    prompt: Texts = column(PROMPT)
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    ticket_type_id: UUID | None = id_field(
        "TicketType",
        "The id of the ticket type whose buyers are asked, which cannot be changed. All are, if"
        " omitted.",
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


@strawberry.input(one_of=True, description="An answer, in the way that its question asks for.")
class AnswerValueInput:
    text: str | None = strawberry.field(
        default=UNSET, description=f"A text of at most {MAX_ANSWER_LENGTH} characters, of TEXT."
    )
    number: float | None = strawberry.field(
        default=UNSET, description="A number between -1e9 and 1e9, of NUMBER."
    )
    day: date | None = strawberry.field(default=UNSET, description="A day, of DATE.")
    yes: bool | None = strawberry.field(default=UNSET, description="Yes or no, of YES_NO.")
    choices: list[str] | None = strawberry.field(
        default=UNSET,
        description=f"Keys of choices, at most {MAX_CHOICES}: exactly one of CHOICE.",
    )


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


def question_draft(input: CreateEventQuestionInput) -> QuestionDraft:
    return parse_texts(
        QuestionDraft,
        _texts(input.prompt, input.choices),
        scope=input.scope,
        kind=input.kind,
        prompt=by_locale("prompt", texts=input.prompt),
        choices=_choices(input.choices or []),
        required=input.required,
    )


def question_patch(input: UpdateEventQuestionInput) -> QuestionPatch:
    values: dict[str, Any] = {
        name: value
        for name in QuestionPatch.model_fields
        if (value := getattr(input, name)) is not UNSET
    }
    if values.get("prompt") is not None:
        values["prompt"] = by_locale("prompt", texts=values["prompt"])
    if values.get("choices") is not None:
        values["choices"] = _choices(values["choices"])
    return parse_texts(QuestionPatch, _texts(input.prompt, input.choices), **values)


def answer_drafts(
    given: Sequence[HoldAnswerInput] | Sequence[TicketAnswerInput],
) -> list[QuestionAnswerDraft]:
    values = [vars(one) | {"value": _value(one.value)} for one in given]
    return parse(AnswersDraft, answers=values).answers


def _value(given: AnswerValueInput | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {name: value for name, value in vars(given).items() if value is not UNSET}


def _choices(given: Sequence[QuestionChoiceInput]) -> list[dict[str, Any]]:
    return [
        {"key": one.key, "name": by_locale("choices", str(at), "name", texts=one.name)}
        for at, one in enumerate(given)
    ]


def _texts(prompt: Texts | None, choices: Sequence[QuestionChoiceInput] | None) -> TextLists:
    names: TextLists = {
        ("choices", str(at), "name"): one.name for at, one in enumerate(choices or [])
    }
    return {("prompt",): prompt or None, **names}

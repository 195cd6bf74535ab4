"""Inputs of questions of services, and of what customers send along with bookings."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, id_of, ids_of
from engine.types import column
from models.bookings.intake import (
    MAX_KEPT_SERVICE_QUESTIONS,
    MAX_SERVICE_QUESTIONS,
    BookingAnswersDraft,
)
from models.questions import GivenAnswer
from models.validation import parse
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.questions.enums import QuestionKind
from schema.questions.inputs import (
    CHOICES,
    PROMPT,
    AnswerValueInput,
    QuestionChoiceInput,
    answer_value,
)
from schema.texts import Texts

QuestionId = Annotated[UUID, id_of("ServiceQuestion", "The question's id.")]
QuestionIds = Annotated[
    list[UUID],
    ids_of(
        "ServiceQuestion",
        "The ids of all questions that are asked, in the new order: at most"
        f" {MAX_SERVICE_QUESTIONS}.",
    ),
]
DocumentId = Annotated[
    UUID,
    id_of("Upload", "The id of a READY upload of the viewer with the purpose DOCUMENT."),
]
AttachedId = Annotated[UUID, id_of("Upload", "The id of a file of the booking.")]
Note = Annotated[
    str | None,
    strawberry.argument(
        description="The note to the vendor, at most 1,000 characters. Null removes it."
    ),
]
REQUIRED = "Whether a booking can be confirmed only with an answer."


@strawberry.input(description="A new question of a service.")
class CreateServiceQuestionInput:
    service_id: UUID = id_field("Service", "The service's id.")
    kind: QuestionKind = column("How it is answered, which cannot be changed.")
    prompt: Texts = column(PROMPT)
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    choices: list[QuestionChoiceInput] | None = strawberry.field(default=None, description=CHOICES)
    required: bool = strawberry.field(default=False, description=REQUIRED)


@strawberry.input(
    description="Changes to a question. Omitted fields stay unchanged. Null resets a field to its"
    " default in `CreateServiceQuestionInput`; a field that is required there can't be null."
    " Answers that are there stay."
)
class UpdateServiceQuestionInput:
    question_id: UUID = id_field("ServiceQuestion", "The question's id.")
    prompt: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the question in all languages."
    )
    choices: list[QuestionChoiceInput] | None = strawberry.field(
        default=UNSET, description="Replaces the choices."
    )
    required: bool | None = strawberry.field(default=UNSET, description=REQUIRED)


@strawberry.input(description="An answer for a booking.")
class BookingAnswerInput:
    question_id: UUID = id_field("ServiceQuestion", "The question's id.")
    value: AnswerValueInput | None = column("The answer. Null removes the one that is there.")


@strawberry.input(description="Answers for a booking. Others stay.")
class AnswerBookingQuestionsInput:
    booking_id: UUID = id_field("Booking", "The booking's id.")
    answers: list[BookingAnswerInput] = column(
        f"The answers, at most {MAX_KEPT_SERVICE_QUESTIONS}."
    )


def answer_drafts(given: Sequence[BookingAnswerInput]) -> list[GivenAnswer]:
    values = [vars(one) | {"value": answer_value(one.value)} for one in given]
    return parse(BookingAnswersDraft, answers=values).answers

"""Questions of services, and what customers send along with bookings."""

from datetime import date
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.bookings.booked import files_of_booking
from dataloaders.bookings.services import service_by_id
from dataloaders.pets import visible_pet
from dataloaders.questions import (
    answers_of_booking,
    questions_of_booking,
    service_question_by_id,
    visible_service_question,
)
from engine.context import Info
from engine.types import Rows, column, field, loaded, localized_text, related
from models.bookings import intake as rows
from models.questions import MAX_CHOICES
from schema.lazy import LazyPet, LazyService
from schema.questions.enums import QuestionKind
from schema.questions.types import (
    ANSWER,
    QuestionChoice,
    answer_choices,
    answer_day,
    answer_number,
    answer_text,
    answer_yes,
)
from schema.texts import LocalizedText
from schema.uploads.types import Upload

QuestionRoot = strawberry.Parent[rows.ServiceQuestion]
AnswerRoot = strawberry.Parent[rows.BookingAnswer]


@strawberry.type(
    description="A question to those who book a service. Visible to everyone who can see the"
    " service while it is asked, otherwise to the vendor's members with the STAFF role or higher,"
    " and admins."
)
class ServiceQuestion(Rows[rows.ServiceQuestion], relay.Node, access=visible_service_question):
    id: relay.NodeID[UUID]
    question_kind: QuestionKind = column("How it is answered.", of="kind")
    prompt: str = localized_text("prompt", "The question.")
    required: bool = column("Whether a booking can be confirmed only with an answer.")
    active: bool = column("Whether it is asked. A retired one is not, and keeps its answers.")
    service: LazyService = related(
        service_by_id,
        by="service_id",
        description="The service before which it is asked.",
    )

    @field("The question in all its languages.", needs=("prompt",), size=2, public=True)
    def prompts(root: QuestionRoot) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=text) for tag, text in sorted(root.prompt.items())]

    @field(
        f"The choices in their order, at most {MAX_CHOICES}. Empty for other kinds.",
        needs=("choices", "locale"),
        size=5,
        public=True,
    )
    def choices(root: QuestionRoot) -> list[QuestionChoice]:
        found: Any = root.shown_choices
        return list(found)


@strawberry.type(
    description="An answer to a question of a service. Visible to everyone who can see the booking,"
    " and while that is only a hold, to its customer alone."
)
class BookingAnswer(Rows[rows.BookingAnswer]):
    question: ServiceQuestion = related(
        service_question_by_id, by="question_id", description="The question."
    )
    text: str | None = answer_text()
    number: float | None = answer_number()
    day: date | None = answer_day()
    yes: bool | None = answer_yes()
    choices: list[str] | None = answer_choices()

    @loaded(
        service_question_by_id,
        by="question_id",
        description="The answer to show. Choices have their names, separated by semicolons.",
        needs=("question_id", *ANSWER),
    )
    def shown(root: AnswerRoot, question: rows.ServiceQuestion, info: Info) -> str:
        return question.write(root.open_value(info.context.app.sealer), info.context.locales)


@strawberry.type
class IntakeFields:
    """The fields of a booking with what the customer sent along. No type of the schema itself."""

    pet: LazyPet | None = related(
        visible_pet,
        by="pet_id",
        description="The pet that it is for. Null without one, and unless the viewer sees it.",
    )
    intake_questions: list[ServiceQuestion] = related(
        questions_of_booking,
        by="id",
        description="The questions that the service asks, in the vendor's order: at most"
        f" {rows.MAX_SERVICE_QUESTIONS}.",
        size=5,
    )
    intake_answers: list[BookingAnswer] = related(
        answers_of_booking,
        by="id",
        description="The answers, also to questions that were retired: at most"
        f" {rows.MAX_KEPT_SERVICE_QUESTIONS}.",
        size=5,
    )
    attachments: list[Upload] = related(
        files_of_booking,
        by="id",
        description=f"The files that the customer attached, at most {rows.MAX_BOOKING_FILES}. Empty"
        " for others than the customer and the vendor's members with the STAFF role or higher, and"
        " for these while the booking is only a hold.",
        size=5,
    )

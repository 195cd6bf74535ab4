"""Questions to attendees, and their answers."""

from datetime import date
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.events import event_by_id
from dataloaders.questions import question_by_id, visible_question
from engine.context import Info
from engine.types import Rows, column, field, loaded, localized_text, related
from models.events import questions as rows
from models.questions import MAX_CHOICES
from schema.events.enums import QuestionScope
from schema.lazy import LazyEvent
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

QuestionRoot = strawberry.Parent[rows.EventQuestion]
AnswerRoot = strawberry.Parent[rows.AttendeeAnswer]


@strawberry.type(
    description="A question to those who buy tickets, of one ticket type or of all whose kind is"
    " ADMISSION. Visible to everyone who can see the event and the ticket type while it is asked,"
    " otherwise to the vendor's members with the STAFF role or higher, and admins."
)
class EventQuestion(Rows[rows.EventQuestion], relay.Node, access=visible_question):
    id: relay.NodeID[UUID]
    scope: QuestionScope = column("Whether each attendee answers it, or the buyer.")
    question_kind: QuestionKind = column("How it is answered.", of="kind")
    prompt: str = localized_text("prompt", "The question.")
    required: bool = column("Whether tickets can be ordered only with an answer.")
    active: bool = column("Whether it is asked. A retired one is not, and keeps its answers.")
    event: LazyEvent = related(
        event_by_id,
        by="event_id",
        description="The event.",
    )

    @field("The question in all its languages.", needs=("prompt",), size=2)
    def prompts(root: QuestionRoot) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=text) for tag, text in sorted(root.prompt.items())]

    @field(
        f"The choices in their order, at most {MAX_CHOICES}. Empty for other kinds.",
        needs=("choices", "locale"),
        size=5,
    )
    def choices(root: QuestionRoot) -> list[QuestionChoice]:
        found: Any = root.shown_choices
        return list(found)

    @field(
        "The id of the ticket type whose buyers are asked. Null if those of all types of the kind"
        " ADMISSION are.",
        needs=("ticket_type_id",),
    )
    def ticket_type_id(root: QuestionRoot) -> relay.GlobalID | None:
        id = root.ticket_type_id
        return None if id is None else relay.GlobalID("TicketType", str(id))


@strawberry.type(
    description="An answer to a question. Visible to the holder of the ticket or the hold, to the"
    " vendor's members with the STAFF role or higher, and admins."
)
class AttendeeAnswer(Rows[rows.AttendeeAnswer]):
    place: int = column("The number of the ticket in the hold, from 0. 0 for an answer once.")
    question: EventQuestion = related(question_by_id, by="question_id", description="The question.")
    text: str | None = answer_text()
    number: float | None = answer_number()
    day: date | None = answer_day()
    yes: bool | None = answer_yes()
    choices: list[str] | None = answer_choices()

    @loaded(
        question_by_id,
        by="question_id",
        description="The answer to show. Choices have their names, separated by semicolons.",
        needs=("question_id", *ANSWER),
    )
    def shown(root: AnswerRoot, question: rows.EventQuestion, info: Info) -> str:
        return question.write(root.open_value(info.context.app.sealer), info.context.locales)

"""Questions to attendees, and their answers."""

from datetime import date
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.questions import question_by_id, visible_question
from engine.context import Info
from engine.types import Rows, column, field, loaded, localized_text, related
from models.events import questions as rows
from schema.events.enums import QuestionKind, QuestionScope
from schema.texts import LocalizedText

QuestionRoot = strawberry.Parent[rows.EventQuestion]
AnswerRoot = strawberry.Parent[rows.AttendeeAnswer]
ANSWER = ("id", "answer")


@strawberry.type(description="A choice of a question.")
class QuestionChoice:
    key: str = column("The key for programs, unique in its question.")
    name: str = localized_text("name", "The name.")

    @field("The name in all its languages.", needs=("name",), size=2)
    def names(root: strawberry.Parent[Any]) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=text) for tag, text in sorted(root.name.items())]


@strawberry.type(
    description="A question to those who buy tickets, of one ticket type or of all. Visible to"
    " everyone who can see the event and the ticket type while it is asked, otherwise to the"
    " vendor's members with the STAFF role or higher, and admins."
)
class EventQuestion(Rows[rows.EventQuestion], relay.Node, access=visible_question):
    id: relay.NodeID[UUID]
    scope: QuestionScope = column("Whether each attendee answers it, or the buyer.")
    question_kind: QuestionKind = column("How it is answered.", of="kind")
    prompt: str = localized_text("prompt", "The question.")
    required: bool = column("Whether tickets can be ordered only with an answer.")
    active: bool = column("Whether it is asked. A retired one is not, and keeps its answers.")

    @field("The question in all its languages.", needs=("prompt",), size=2)
    def prompts(root: QuestionRoot) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=text) for tag, text in sorted(root.prompt.items())]

    @field(
        f"The choices in their order, at most {rows.MAX_CHOICES}. Empty for other kinds.",
        needs=("choices", "locale"),
        size=5,
    )
    def choices(root: QuestionRoot) -> list[QuestionChoice]:
        found: Any = root.shown_choices
        return list(found)

    @field(
        "The id of the ticket type whose buyers are asked. Null if all are.",
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

    @loaded(
        question_by_id,
        by="question_id",
        description="The answer to show. Choices have their names, separated by semicolons.",
        needs=("question_id", *ANSWER),
    )
    def shown(root: AnswerRoot, question: rows.EventQuestion, info: Info) -> str:
        return question.write(root.open_value(info.context.app.sealer), info.context.locales)

    @field("The text. Null for another kind of answer.", needs=ANSWER)
    def text(root: AnswerRoot, info: Info) -> str | None:
        return root.open_value(info.context.app.sealer).text

    @field("The number. Null for another kind of answer.", needs=ANSWER)
    def number(root: AnswerRoot, info: Info) -> float | None:
        return root.open_value(info.context.app.sealer).number

    @field("The day. Null for another kind of answer.", needs=ANSWER)
    def day(root: AnswerRoot, info: Info) -> date | None:
        return root.open_value(info.context.app.sealer).day

    @field("Whether the answer is yes. Null for another kind of answer.", needs=ANSWER)
    def yes(root: AnswerRoot, info: Info) -> bool | None:
        return root.open_value(info.context.app.sealer).yes

    @field(
        f"The keys of the choices, at most {rows.MAX_CHOICES}. Null for another kind of answer.",
        needs=ANSWER,
        size=2,
    )
    def choices(root: AnswerRoot, info: Info) -> list[str] | None:
        return root.open_value(info.context.app.sealer).choices

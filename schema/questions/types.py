"""Choices of questions, and the fields of answers."""

from datetime import date
from typing import Any

import strawberry

from engine.context import Info
from engine.types import column, field, localized_text
from models.questions import MAX_CHOICES, SealedAnswer
from schema.texts import LocalizedText

AnswerRoot = strawberry.Parent[SealedAnswer]
ANSWER = ("id", "answer")


@strawberry.type(description="A choice of a question.")
class QuestionChoice:
    key: str = column("The key for programs, unique in its question.")
    name: str = localized_text("name", "The name.")

    @field("The name in all its languages.", needs=("name",), size=2)
    def names(root: strawberry.Parent[Any]) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=text) for tag, text in sorted(root.name.items())]


@strawberry.type
class AnswerFields:
    """The fields of all types of answers. It is not a type of the schema itself."""

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
        f"The keys of the choices, at most {MAX_CHOICES}. Null for another kind of answer.",
        needs=ANSWER,
        size=2,
    )
    def choices(root: AnswerRoot, info: Info) -> list[str] | None:
        return root.open_value(info.context.app.sealer).choices

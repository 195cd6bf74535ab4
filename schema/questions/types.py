"""Choices of questions, and the fields of answers."""

from collections.abc import Callable
from datetime import date
from typing import Any

import strawberry

from engine.context import Info
from engine.types import column, field, localized_text
from models.questions import MAX_CHOICES, SealedAnswer
from schema.texts import LocalizedText

AnswerRoot = strawberry.Parent[SealedAnswer]
ANSWER = ("id", "answer")  # which `open_value` reads


@strawberry.type(description="A choice of a question.")
class QuestionChoice:
    key: str = column("The key for programs, unique in its question.")
    name: str = localized_text("name", "The name.")

    @field("The name in all its languages.", needs=("name",), size=2, public=True)
    def names(root: strawberry.Parent[Any]) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=text) for tag, text in sorted(root.name.items())]


def answer_text() -> Any:
    """Return a field of a type of answers. Each type has its own, in the scope of its domain."""
    return _of_answer("The text. Null for another kind of answer.", _text)


def answer_number() -> Any:
    return _of_answer("The number. Null for another kind of answer.", _number)


def answer_day() -> Any:
    return _of_answer("The day. Null for another kind of answer.", _day)


def answer_yes() -> Any:
    return _of_answer("Whether the answer is yes. Null for another kind of answer.", _yes)


def answer_choices() -> Any:
    return _of_answer(
        f"The keys of the choices, at most {MAX_CHOICES}. Null for another kind of answer.",
        _choices,
        size=2,
    )


def _of_answer(description: str, read: Callable[..., Any], **price: Any) -> Any:
    return field(description, needs=ANSWER, **price)(read)


def _text(root: AnswerRoot, info: Info) -> str | None:
    return root.open_value(info.context.app.sealer).text


def _number(root: AnswerRoot, info: Info) -> float | None:
    return root.open_value(info.context.app.sealer).number


def _day(root: AnswerRoot, info: Info) -> date | None:
    return root.open_value(info.context.app.sealer).day


def _yes(root: AnswerRoot, info: Info) -> bool | None:
    return root.open_value(info.context.app.sealer).yes


def _choices(root: AnswerRoot, info: Info) -> list[str] | None:
    return root.open_value(info.context.app.sealer).choices

"""Inputs of questions and of answers."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

import strawberry
from strawberry import UNSET

from engine.types import column
from models.questions import (
    MAX_ANSWER_LENGTH,
    MAX_CHOICE_KEY,
    MAX_CHOICES,
    QuestionDraft,
    QuestionPatch,
)
from schema.questions.enums import QuestionKind
from schema.texts import TextLists, Texts, by_locale, parse_texts

Draft = TypeVar("Draft", bound=QuestionDraft)
PROMPT = "The question in each language, at most 200 characters."
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


class NewQuestion(Protocol):
    """An input of a new question."""

    kind: QuestionKind
    prompt: Texts
    choices: list[QuestionChoiceInput] | None
    required: bool


class ChangedQuestion(Protocol):
    """An input of changes to a question."""

    prompt: Texts | None
    choices: list[QuestionChoiceInput] | None
    required: bool | None


def parse_question(model: type[Draft], input: NewQuestion, **values: Any) -> Draft:
    """Return the draft of a new question, with the values of its own that the model has."""
    return parse_texts(
        model,
        _texts(input.prompt, input.choices),
        **values,
        kind=input.kind,
        prompt=by_locale("prompt", texts=input.prompt),
        choices=_choices(input.choices or []),
        required=input.required,
    )


def question_patch(input: ChangedQuestion) -> QuestionPatch:
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


def answer_value(given: AnswerValueInput | None) -> dict[str, Any] | None:
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

"""Questions of vendors to buyers and customers, and answers: the rules that all of them share."""

import json as json_text
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, StringConstraints, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint
from sqlmodel import Field

from core.security.sealed import Sealer
from core.text.slugs import SLUG_PATTERN
from models.base import (
    LONG,
    MAX_LOCALES,
    LocaleTag,
    Row,
    enum_column,
    json,
    localized,
)
from models.errors import NULL_REFUSED, InvalidInput
from models.sealed_columns import sealed, sealed_name
from models.text import OneLine, Paragraphs

MAX_CHOICES = 30
MAX_CHOICE_KEY = 30
MAX_ANSWER_LENGTH = 500
MAX_NUMBER = 10**9
MAX_ANSWERS = 200  # of one call
QuestionText = Annotated[str, OneLine(200)]
QuestionTexts = Annotated[
    dict[LocaleTag, QuestionText], Range(min_length=1, max_length=MAX_LOCALES)
]
ChoiceName = Annotated[str, OneLine(80)]
ChoiceNames = Annotated[dict[LocaleTag, ChoiceName], Range(min_length=1, max_length=MAX_LOCALES)]
ChoiceKey = Annotated[
    str, StringConstraints(max_length=MAX_CHOICE_KEY, pattern=f"^{SLUG_PATTERN}$")
]
AnswerText = Annotated[str, Paragraphs(MAX_ANSWER_LENGTH)]


class QuestionKind(StrEnum):
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DATE = "DATE"
    YES_NO = "YES_NO"
    CHOICE = "CHOICE"
    CHOICES = "CHOICES"

    @property
    def has_choices(self) -> bool:
        return self in {QuestionKind.CHOICE, QuestionKind.CHOICES}


class AnswerValue(BaseModel, frozen=True):
    """An answer to a question, of exactly one kind. `choices` are keys."""

    text: AnswerText | None = None
    number: Annotated[float, Range(ge=-MAX_NUMBER, le=MAX_NUMBER)] | None = None
    day: date | None = None
    yes: bool | None = None
    choices: Annotated[list[ChoiceKey], Range(min_length=1, max_length=MAX_CHOICES)] | None = None

    def encode(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()


VALUE_OF: Mapping[QuestionKind, str] = {
    QuestionKind.TEXT: "text",
    QuestionKind.NUMBER: "number",
    QuestionKind.DATE: "day",
    QuestionKind.YES_NO: "yes",
    QuestionKind.CHOICE: "choices",
    QuestionKind.CHOICES: "choices",
}


class QuestionChoice(NamedTuple):
    """A choice: a key for programs, and its name."""

    key: str
    name: dict[str, str]
    locale: str


class VendorQuestion(Row):
    """Base of tables of questions.

    `choices` are `{"key": "vegan", "name": {"en": "Vegan"}}`: answers have the keys, so that a name
    can be corrected. A question that is not `active` is not asked any more.
    """

    kind: QuestionKind = enum_column(QuestionKind)
    position: int = 0
    locale: str = Field(max_length=16)
    prompt: dict[str, QuestionText] = json()
    choices: list[dict[str, Any]] = json(default_factory=list, sa_column_kwargs={"info": LONG})
    required: bool = False
    active: bool = True

    @property
    def own_prompt(self) -> str:
        """Return the question in the language in which it was written."""
        return localized(self.prompt, [], self.locale)

    @property
    def shown_choices(self) -> "Sequence[QuestionChoice]":
        return [QuestionChoice(one["key"], one["name"], self.locale) for one in self.choices]

    def ensure_answer(self, value: AnswerValue, field: Sequence[str]) -> None:
        """Raise `InvalidInput` unless the value is an answer to the question."""
        name = VALUE_OF[self.kind]
        if getattr(value, name) is None:
            raise InvalidInput(
                "Answer this question with “{wanted}”.", wanted=name, field=[*field, "value"]
            )
        if value.choices is None:
            return
        keys = [one["key"] for one in self.choices]
        known = len(set(value.choices)) == len(value.choices) and set(value.choices) <= set(keys)
        if not known or (self.kind is QuestionKind.CHOICE and len(value.choices) != 1):
            raise InvalidInput(
                "Choose from the choices of this question.", field=[*field, "value", "choices"]
            )

    def write(self, value: AnswerValue, locales: list[str] | None = None) -> str:
        """Return an answer as text. A choice that was removed is shown by its key."""
        if value.choices is not None:
            names = {one["key"]: one["name"] for one in self.choices}
            shown = [
                localized(names[key], locales or [], self.locale) if key in names else key
                for key in value.choices
            ]
            return "; ".join(shown)
        if value.number is not None:
            whole = value.number.is_integer()
            return str(int(value.number)) if whole else repr(value.number)
        if value.day is not None:
            return value.day.isoformat()
        if value.yes is not None:
            return "yes" if value.yes else "no"
        return value.text or ""


class SealedAnswer(Row):
    """Base of tables of answers, which are sealed."""

    question_id: UUID
    answer: bytes = sealed()

    def seal_value(self, sealer: Sealer, value: AnswerValue) -> None:
        self.answer = sealer.seal(sealed_name(self, "answer"), self.id, value.encode())

    def open_value(self, sealer: Sealer) -> AnswerValue:
        plain = sealer.open(sealed_name(self, "answer"), self.id, self.answer)
        return AnswerValue.model_validate(json_text.loads(plain))


class ChoiceDraft(BaseModel, frozen=True):
    key: ChoiceKey
    name: ChoiceNames


Choices = Annotated[list[ChoiceDraft], Range(max_length=MAX_CHOICES)]


class QuestionDraft(BaseModel, frozen=True):
    """Validated input of a question as a whole."""

    kind: QuestionKind
    prompt: QuestionTexts
    choices: Choices = []
    required: bool = False

    @model_validator(mode="after")
    def ensure_choices(self) -> Self:
        if self.kind.has_choices != bool(self.choices):
            raise InvalidInput(
                "Give choices to a question that is answered with them, and to no other.",
                field=["choices"],
            )
        if len({one.key for one in self.choices}) != len(self.choices):
            raise InvalidInput("Each choice must have a key of its own.", field=["choices"])
        return self


class QuestionPatch(BaseModel, frozen=True):
    """Values of a question that a request sets. Others are unset; null resets to the default."""

    prompt: QuestionTexts | None = None
    choices: Choices | None = None
    required: bool | None = None

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        for name in ("prompt", "choices"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise InvalidInput(NULL_REFUSED, field=[name])
        return self

    def values(self) -> dict[str, Any]:
        given = self.model_dump(exclude_unset=True)
        return {
            name: QuestionDraft.model_fields[name].get_default() if value is None else value
            for name, value in given.items()
        }


class GivenAnswer(BaseModel, frozen=True):
    """Validated answer. None removes the one that is there."""

    question_id: UUID
    value: AnswerValue | None = None


def question_constraints() -> tuple[CheckConstraint, CheckConstraint]:
    """Return the constraints of a table of questions."""
    return (
        CheckConstraint("position BETWEEN 0 AND 99", name="position"),
        CheckConstraint(
            f"jsonb_array_length(choices) <= {MAX_CHOICES}"
            " AND (kind IN ('CHOICE', 'CHOICES')) = (jsonb_array_length(choices) > 0)",
            name="choices",
        ),
    )

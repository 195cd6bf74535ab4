"""Questions of vendors to buyers and customers, and answers: what all of them share."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.errors import InvalidInput, NotFound
from models.questions import GivenAnswer, QuestionDraft, QuestionPatch, SealedAnswer, VendorQuestion
from models.validation import parse

Asked = TypeVar("Asked", bound=VendorQuestion)
Given = TypeVar("Given", bound=SealedAnswer)


def change_question(
    question: VendorQuestion, patch: QuestionPatch, model: type[QuestionDraft] = QuestionDraft
) -> None:
    """Set the values of a patch, after a check of the whole. Answers that are there stay."""
    current = question.model_dump(include=set(model.model_fields))
    draft = parse(model, **current | patch.values())
    for name, value in draft.model_dump().items():
        setattr(question, name, value)


def next_position(known: Collection[VendorQuestion]) -> int:
    return max((one.position for one in known), default=-1) + 1


def put_in_order(known: Sequence[VendorQuestion], question_ids: Sequence[UUID]) -> None:
    """Give the questions that are asked another order, before the retired ones.

    Raises `InvalidInput` unless these are all of them.
    """
    if sorted(question_ids) != sorted(one.id for one in known if one.active):
        raise InvalidInput(
            "The questions have changed. Reload them, and order them again.", field=["questionIds"]
        )
    places = {id: position for position, id in enumerate(question_ids)}
    retired = [one.id for one in known if not one.active]
    places |= {id: position for position, id in enumerate(retired, len(places))}
    for one in known:
        one.position = places[one.id]


def find_asked(asked: Mapping[UUID, Asked], draft: GivenAnswer, field: Sequence[str]) -> Asked:
    """Return the question of an answer. Raises `NotFound` if it is not asked."""
    question = asked.get(draft.question_id)
    if question is None:
        raise NotFound(field=[*field, "questionId"])
    return question


def ensure_answer(question: VendorQuestion, draft: GivenAnswer, field: Sequence[str]) -> None:
    """Raise `InvalidInput` unless the value is an answer, or removes one that is not required."""
    if draft.value is not None:
        question.ensure_answer(draft.value, field)
    elif question.required:
        raise InvalidInput("This question needs an answer.", field=[*field, "value"])


async def put_answer(
    session: AsyncSession,
    sealer: Sealer,
    current: Given | None,
    answer: Given,
    draft: GivenAnswer,
) -> Given | None:
    """Seal a value in the answer that is there, or in a new one. None removes it."""
    if draft.value is None:
        if current is not None:
            await session.delete(current)
        return None
    kept = current or answer
    kept.seal_value(sealer, draft.value)
    session.add(kept)
    return kept

"""Units of lines that a user chooses, to cancel, ship, return or refund them."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from models.orders.lines import MAX_LINES
from models.orders.timeline import StepNote

MAX_UNITS = 1_000_000


class UnitsOfLine(BaseModel, frozen=True):
    """So many units of a line."""

    line_id: UUID
    quantity: Annotated[int, Field(ge=1, le=MAX_UNITS)]


class UnitSelection(BaseModel, frozen=True):
    """Validated input of units, with the reason for what is done with them."""

    reason: StepNote
    lines: Annotated[list[UnitsOfLine], Field(min_length=1, max_length=MAX_LINES)]


class ReasonDraft(BaseModel, frozen=True):
    """Validated input of a reason."""

    reason: StepNote


class AnswerDraft(BaseModel, frozen=True):
    """Validated input of an answer to a return."""

    answer: StepNote | None = None


class CancelDraft(BaseModel, frozen=True):
    """Validated input of a cancellation."""

    reason: StepNote | None = None

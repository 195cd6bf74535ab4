"""Inputs that choose units of lines, with a reason."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field
from engine.types import column
from models.orders.lines import MAX_LINES
from models.orders.selections import AnswerDraft, ReasonDraft, UnitSelection
from models.orders.timeline import MAX_STEP_NOTE
from models.validation import parse

GivenReason = Annotated[
    str,
    strawberry.argument(
        description=f"The reason, for the other side: one line of at most {MAX_STEP_NOTE}"
        " characters."
    ),
]
Answer = Annotated[
    str | None,
    strawberry.argument(
        description="A text for the buyer, such as where to send the goods: one line of at most"
        f" {MAX_STEP_NOTE} characters."
    ),
]


@strawberry.input(description="Units of a line.")
class LineUnitsInput:
    line_id: UUID = id_field("OrderLine", "The line's id.")
    quantity: int = column("The number of units, at least 1.")


Lines = Annotated[
    list[LineUnitsInput],
    strawberry.argument(description=f"The units of each line, from 1 to {MAX_LINES} lines."),
]


def selection_of(lines: Sequence[LineUnitsInput], reason: str) -> UnitSelection:
    return parse(UnitSelection, lines=[vars(line) for line in lines], reason=reason)


def reason_of(reason: str) -> ReasonDraft:
    return parse(ReasonDraft, reason=reason)


def answer_of(answer: str | None) -> str | None:
    given = {} if answer in (None, UNSET) else {"answer": answer}
    return parse(AnswerDraft, **given).answer

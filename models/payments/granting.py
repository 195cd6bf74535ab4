"""Refunded things: units of lines, deliveries, and amounts without units."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from models.errors import InvalidValue
from models.ledger.accounts import MAX_AMOUNT
from models.orders.lines import MAX_LINES
from models.orders.selections import UnitsOfLine
from models.orders.timeline import StepNote

NOTHING_CHOSEN = "Choose units, the delivery or an amount."


class RefundDraft(BaseModel, frozen=True):
    """Validated input of a refund. `deliveries` are parts whose delivery is refunded.

    `amount` is goodwill in minor units. With `restock`, the units have come back, and can be sold
    again.
    """

    reason: StepNote
    lines: Annotated[list[UnitsOfLine], Field(max_length=MAX_LINES)] = []
    deliveries: Annotated[list[UUID], Field(max_length=MAX_LINES)] = []
    amount: Annotated[int, Field(ge=1, le=MAX_AMOUNT)] | None = None
    restock: bool = False

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not self.lines and not self.deliveries and self.amount is None:
            raise InvalidValue(NOTHING_CHOSEN)
        return self

"""Inputs of orders."""

from datetime import datetime
from typing import Any

import strawberry

from schema.orders.enums import OrderState, PaymentState
from services.orders.access import OrderFilter


def _optional(description: str) -> Any:
    return strawberry.field(default=None, description=description)


@strawberry.input(description="Conditions of a list of orders. All must hold.")
class OrderWhere:
    states: list[OrderState] | None = _optional("In one of these states.")
    payment_states: list[PaymentState] | None = _optional("In one of these states of payment.")
    placed_from: datetime | None = _optional("Placed at this time or later.")
    placed_before: datetime | None = _optional("Placed before this time.")
    number: str | None = _optional("With this number, in any case.")


def order_filter(where: OrderWhere | None) -> OrderFilter:
    given = where or OrderWhere()
    return OrderFilter(
        states=given.states,
        payment_states=given.payment_states,
        created_from=given.placed_from,
        created_before=given.placed_before,
        number=given.number,
    )

"""Fields of OrderLine about the units that its buyer can cancel."""

from typing import Annotated

import strawberry

from dataloaders.orders import quote_of_line
from engine.types import loaded
from models.orders import lines as rows
from schema.money import Money, money_of
from services.orders.handling.line_quotes import LineQuote

LineRoot = strawberry.Parent[rows.OrderLine]
Units = Annotated[
    int | None,
    strawberry.argument(description="The number of units. Defaults to all that can be cancelled."),
]


@strawberry.type
class CancellingLineFields:
    """A base of OrderLine, not a type of the schema."""

    @loaded(
        quote_of_line,
        by="id",
        description="The units that `cancelOrderLines` can cancel now. 0 for all but the buyer and"
        " admins.",
    )
    def cancellable_quantity(root: LineRoot, found: LineQuote | None) -> int:
        return 0 if found is None else found.units

    @loaded(
        quote_of_line,
        by="id",
        description="The amount that `cancelOrderLines` gives back for units of this line alone."
        " Null if so many cannot be cancelled, and for all but the buyer and admins.",
    )
    def refund_if_cancelled(
        root: LineRoot, found: LineQuote | None, quantity: Units = None
    ) -> Money | None:
        if found is None:
            return None
        amount = found.refund(found.units if quantity is None else quantity)
        return None if amount is None else money_of(amount, found.currency)

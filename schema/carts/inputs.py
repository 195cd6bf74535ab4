"""Arguments and inputs of carts."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import id_field, id_of
from engine.types import column
from models.carts import MAX_LINES, MAX_QUANTITY, MergeDraft
from models.validation import parse

VariantId = Annotated[UUID, id_of("Variant", "The variant's id.")]
CartToken = Annotated[
    str | None,
    strawberry.argument(
        description="The token of an anonymous cart, from `addToCart` or `setCartLine`. A secret:"
        " send it as a variable, by POST. Ignored for signed-in users, who have one cart of their"
        " own."
    ),
]
MergedToken = Annotated[
    str | None,
    strawberry.argument(
        description="The token of the anonymous cart whose lines are merged too. The cart then"
        " ends. The token of a cart that has ended is ignored."
    ),
]
Added = Annotated[
    int, strawberry.argument(description=f"The number of units to add, from 1 to {MAX_QUANTITY}.")
]
Quantity = Annotated[
    int,
    strawberry.argument(
        description=f"The number of units, at most {MAX_QUANTITY}. 0 removes the line."
    ),
]


@strawberry.input(description="Units of a variant to be merged into a cart.")
class CartLineInput:
    variant_id: UUID = id_field("Variant", "The variant's id.")
    quantity: int = column(f"The number of units, from 1 to {MAX_QUANTITY}.")


Lines = Annotated[
    list[CartLineInput],
    strawberry.argument(
        description=f"The lines that the app has kept before the sign-in, at most {MAX_LINES}. May"
        " be empty."
    ),
]


def merge_draft(lines: Sequence[CartLineInput]) -> MergeDraft:
    return parse(MergeDraft, lines=[vars(line) for line in lines])

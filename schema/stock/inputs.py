"""Inputs of stock mutations and lists."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, id_of
from engine.types import column
from models.stock.levels import MAX_MOVED, MAX_NOTE_LENGTH, MAX_STOCK_LINES, StockReceipt
from models.validation import parse

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
VariantId = Annotated[UUID, id_of("Variant", "The variant's id.")]
Note = Annotated[
    str | None,
    strawberry.argument(
        description=f"A note for the vendor's members, at most {MAX_NOTE_LENGTH} characters."
    ),
]
Quantity = Annotated[
    int, strawberry.argument(description=f"The number of units, from 1 to {MAX_MOVED:,}.")
]
OnHand = Annotated[
    int,
    strawberry.argument(description=f"The units that were counted, at most {MAX_MOVED:,}."),
]
Expected = Annotated[
    int,
    strawberry.argument(
        description="`onHand` as the member saw it before. If it has changed, the count is refused."
    ),
]
LowAt = Annotated[
    int | None,
    strawberry.argument(
        description=f"The number of available units at which members are notified, at most"
        f" {MAX_MOVED:,}. Null is never."
    ),
]


@strawberry.input(description="Units of a variant that have arrived.")
class StockLineInput:
    variant_id: UUID = id_field("Variant", "The variant's id.")
    quantity: int = column(f"The number of units, from 1 to {MAX_MOVED:,}.")


Lines = Annotated[
    list[StockLineInput],
    strawberry.argument(
        description=f"The units of each variant of the vendor, at most {MAX_STOCK_LINES} variants."
    ),
]


@strawberry.input(description="Conditions of a list of stock.")
class StockWhere:
    low: bool = strawberry.field(
        default=False, description="With no more than `lowAt` available units."
    )


def receipt_of(lines: Sequence[StockLineInput], note: str | None) -> StockReceipt:
    given = {} if note in (None, UNSET) else {"note": note}
    return parse(StockReceipt, lines=[vars(line) for line in lines], **given)

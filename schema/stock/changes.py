"""Changes that the subscription to a vendor's stock sends."""

import strawberry

from engine.types import column
from schema.stock.types import StockLevel


@strawberry.type(description="A change of the stock of a variant.")
class StockChange:
    cursor: str = column("The cursor to resume after this change.")
    stock: StockLevel | None = strawberry.field(
        default=None,
        description="The stock as it is now. Null if nothing has changed, and there is only a newer"
        " cursor to resume from.",
    )

"""Changes that the subscription to purchases sends."""

import strawberry

from engine.types import column
from schema.purchases.types import Purchase


@strawberry.type(description="A change of a purchase.")
class PurchaseChange:
    cursor: str = column("The cursor to resume after this change.")
    purchase: Purchase | None = strawberry.field(
        default=None,
        description="The purchase as it is now. Null if nothing has changed, and there is only a"
        " newer cursor to resume from.",
    )

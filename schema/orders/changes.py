"""Changes that the subscriptions to orders send."""

import strawberry

from engine.types import column
from schema.orders.types import Order, SubOrder


@strawberry.type(description="A change of one of the viewer's orders, or of what belongs to it.")
class OrderChange:
    cursor: str = column("The cursor to resume after this change.")
    order: Order | None = strawberry.field(
        default=None,
        description="The order as it is now. Null if nothing has changed, and there is only a newer"
        " cursor to resume from.",
    )


@strawberry.type(description="A change of a vendor's part of an order.")
class SubOrderChange:
    cursor: str = column("The cursor to resume after this change.")
    suborder: SubOrder | None = strawberry.field(
        default=None,
        description="The part as it is now. Null if nothing has changed, and there is only a newer"
        " cursor to resume from.",
    )

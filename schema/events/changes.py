"""Changes of sale queues, for subscriptions."""

import strawberry

from schema.events.sale_queue import SaleQueue


@strawberry.type(description="A change of a sale queue.")
class SaleQueueChange:
    cursor: str = strawberry.field(description="The position in the stream, to resume from.")
    sale_queue: SaleQueue | None = strawberry.field(
        default=None,
        description="The queue as it is now. Null if this only carries a cursor.",
    )

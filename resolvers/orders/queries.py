"""Root fields of orders."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.orders import visible_order
from engine.connections import connection
from engine.context import Info
from engine.ids import id_of
from engine.types import field
from schema.orders.inputs import OrderWhere, order_filter
from schema.orders.types import Order, OrderConnection
from schema.sorting import OrderBy, TimeOrder
from services.orders import access

Where = Annotated[OrderWhere | None, strawberry.argument(description="Filters the list.")]
OrderNodeId = Annotated[UUID, id_of("Order")]


@strawberry.type
class OrderQuery:
    @connection(OrderConnection, "The orders that the viewer has placed.")
    def orders(
        self, info: Info, where: Where = None, order_by: OrderBy = TimeOrder.NEWEST
    ) -> Listing[Any]:
        newest = order_by is TimeOrder.NEWEST
        return access.list_orders(info.context.viewer, order_filter(where), newest=newest)

    @field("Returns an order. Null if it doesn't exist or the viewer can't see it.")
    async def order(self, info: Info, id: OrderNodeId) -> Order | None:
        return Order.wrap_optional(await info.context.loaders[visible_order].load(id))

"""Root fields of the domain `orders`."""

import strawberry

from resolvers.orders.buying import BuyingMutation
from resolvers.orders.queries import OrderQuery

__all__ = ["OrderMutation", "OrderQuery"]


@strawberry.type
class OrderMutation(BuyingMutation):
    pass

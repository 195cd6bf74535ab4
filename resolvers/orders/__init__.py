"""Root fields of the domain `orders`."""

import strawberry

from resolvers.orders.buying import BuyingMutation
from resolvers.orders.cancelling import CancellingMutation
from resolvers.orders.queries import OrderQuery
from resolvers.orders.returning import ReturningMutation
from resolvers.orders.selling import SellingMutation
from resolvers.orders.vendor_queries import VendorOrderQuery

__all__ = ["OrderMutation", "OrderQuery", "VendorOrderQuery"]


@strawberry.type
class OrderMutation(BuyingMutation, CancellingMutation, SellingMutation, ReturningMutation):
    pass

"""Lists of all payments and refunds, for admins."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from schema.orders.types import Payment
from schema.payments.listing import PaymentWhere, RefundWhere, payment_filter, refund_filter
from schema.payments.types import Refund
from schema.sorting import OrderBy, TimeOrder
from services.payments import listing

Payments = Annotated[PaymentWhere | None, strawberry.argument(description="Filters the list.")]
Refunds = Annotated[RefundWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class ListingQuery:
    @connection(
        Connection[Payment],
        "The payments of all orders and purchases, newest first. Only admins can list them.",
        for_admins=True,
    )
    def payments(
        self, info: Info, where: Payments = None, order_by: OrderBy = TimeOrder.NEWEST
    ) -> Listing[Any]:
        newest = order_by is TimeOrder.NEWEST
        return listing.list_payments(info.context.viewer, payment_filter(where), newest=newest)

    @connection(
        Connection[Refund],
        "The refunds of all orders and purchases, newest first. Only admins can list them.",
        for_admins=True,
    )
    def refunds(
        self, info: Info, where: Refunds = None, order_by: OrderBy = TimeOrder.NEWEST
    ) -> Listing[Any]:
        newest = order_by is TimeOrder.NEWEST
        return listing.list_refunds(info.context.viewer, refund_filter(where), newest=newest)

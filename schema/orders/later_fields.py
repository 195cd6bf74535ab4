"""Fields of Order and SubOrder about what happens after the payment."""

from datetime import datetime, timedelta

import strawberry

from dataloaders.invoices import invoices_of_order, invoices_of_suborder
from dataloaders.orders import (
    customer_of_suborder,
    order_by_id,
    refund_of_cancelled_order,
    returns_of_suborder,
    steps_of_order,
    steps_of_suborder,
    visible_order,
)
from dataloaders.payments import (
    refund_amounts_of_suborder,
    refund_lines_of_suborder,
    refunds_of_order,
)
from dataloaders.shipments import shipments_of_suborder
from engine.context import Info
from engine.types import column, loaded, related, related_page
from models.orders import orders as rows
from models.shipments import MAX_SHIPMENTS
from schema.lazy import (
    LazyInvoice,
    LazyOrder,
    LazyOrderStep,
    LazyRefund,
    LazyRefundAmount,
    LazyRefundLine,
    LazyReturnRequest,
    LazyShipment,
    LazyUser,
)
from schema.money import Money, optional_money
from schema.orders.delivery_address import DeliveryAddress, open_address


@strawberry.type
class LaterOrderFields:
    """A base of Order, not a type of the schema."""

    timeline: list[LazyOrderStep] = related_page(
        steps_of_order, LazyOrderStep, "The steps of the order, newest first.", default=20
    )
    refunds: list[LazyRefund] = related_page(
        refunds_of_order, LazyRefund, "The refunds, newest first."
    )
    invoices: list[LazyInvoice] = related_page(
        invoices_of_order, LazyInvoice, "The invoices and credit notes, newest first.", default=20
    )

    @loaded(
        refund_of_cancelled_order,
        by="id",
        description="The amount that `cancelOrder` gives back now: of all that is not shipped. 0"
        " before it is paid. Null if it cannot be cancelled any more.",
        needs=("id", "currency"),
    )
    def refund_if_cancelled(
        root: strawberry.Parent[rows.Order], amount: int | None
    ) -> Money | None:
        return optional_money(amount, root.currency)


@strawberry.type(
    description="The time in which a delivery is expected. It is counted in days of 24 hours from"
    " the confirmation of the order, and does not change after that."
)
class EstimatedDelivery:
    from_: datetime = strawberry.field(name="from", description="The earliest time.")
    until: datetime = strawberry.field(description="The latest time.")


@strawberry.type
class LaterSubOrderFields:
    """A base of SubOrder, not a type of the schema."""

    accepted_at: datetime | None = column("The time at which the vendor accepted it.")
    delivered_at: datetime | None = column("The time at which it was delivered.")
    returnable_until: datetime | None = column(
        "The time until which it can be returned. Null before it is delivered.", of="release_at"
    )
    ended_at: datetime | None = column("The time at which it ended. Null before.")
    order: LazyOrder | None = related(
        visible_order,
        by="order_id",
        description="The whole order. Null for all but the buyer and admins.",
    )
    timeline: list[LazyOrderStep] = related_page(
        steps_of_suborder, LazyOrderStep, "The steps of the part, newest first.", default=20
    )
    returns: list[LazyReturnRequest] = related_page(
        returns_of_suborder, LazyReturnRequest, "The returns, newest first."
    )
    shipments: list[LazyShipment] = related(
        shipments_of_suborder,
        by="id",
        description=f"The shipments in their order, at most {MAX_SHIPMENTS}.",
        size=3,
    )
    refunded_lines: list[LazyRefundLine] = related_page(
        refund_lines_of_suborder, LazyRefundLine, "The refunded units, newest first."
    )
    refunded_amounts: list[LazyRefundAmount] = related_page(
        refund_amounts_of_suborder,
        LazyRefundAmount,
        "The refunded amounts that are for no units, newest first.",
    )
    invoices: list[LazyInvoice] = related_page(
        invoices_of_suborder,
        LazyInvoice,
        "The invoice and its credit notes, newest first, for the buyer and for the vendor's members"
        " with the MANAGER role or higher.",
    )
    customer: LazyUser | None = related(
        customer_of_suborder,
        by="id",
        description="The buyer.",
    )

    @loaded(
        order_by_id,
        by="order_id",
        description="The address of the delivery. Null for a part without a delivery, such as of"
        " digital goods, and after the term of bookkeeping. Of a pick-up, it has the recipient, the"
        " phone number and the country alone.",
        needs=("order_id", "rate_name", "is_pickup"),
    )
    def delivery_address(
        root: strawberry.Parent[rows.SubOrder], order: rows.Order, info: Info
    ) -> DeliveryAddress | None:
        if root.rate_name is None:  # the address is for another vendor
            return None
        return open_address(info.context.app.sealer, order, is_pickup=root.is_pickup)

    @loaded(
        order_by_id,
        by="order_id",
        description="The time in which it is expected, or can be collected. Null before the order"
        " is paid, and if the days are unknown.",
        needs=("order_id", "min_days", "max_days"),
    )
    def estimated_delivery(
        root: strawberry.Parent[rows.SubOrder], order: rows.Order
    ) -> EstimatedDelivery | None:
        start = order.confirmed_at
        if start is None or root.min_days is None or root.max_days is None:
            return None
        return EstimatedDelivery(
            from_=start + timedelta(days=root.min_days),
            until=start + timedelta(days=root.max_days),
        )

"""Orders, their parts, lines and payments."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.bookings.booked import bookings_of_line
from dataloaders.catalog import visible_variant
from dataloaders.events import tickets_of_line
from dataloaders.identity import visible_user
from dataloaders.orders import (
    currency_of_suborder,
    lines_of_suborder,
    order_by_id,
    parts_of_order,
    payer_of_payment,
    payment_of_order,
    payments_of_order,
    suborder_by_id,
    visible_line,
    visible_order,
    visible_payment,
    visible_suborder,
)
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, LiveConnection
from engine.context import Info
from engine.ids import id_of
from engine.scalars import CountryCode, CurrencyCode
from engine.types import Rows, column, field, loaded, localized_text, related, related_page
from models.orders import lines as line_rows
from models.orders import orders as rows
from models.payments import payments as payment_rows
from schema.downloads.fields import DigitalLineFields
from schema.lazy import LazyBooking, LazyTicket, LazyUser, LazyVariant, LazyVendor
from schema.money import Money, money_of
from schema.orders.amounts import suborder_amount
from schema.orders.cancelling_fields import CancellingLineFields
from schema.orders.earning_fields import SubOrderEarningFields
from schema.orders.enums import (
    LineKind,
    OrderState,
    PaymentProvider,
    PaymentState,
    PaymentStatus,
    SubOrderState,
)
from schema.orders.later_fields import LaterOrderFields, LaterSubOrderFields
from schema.orders.payment_fields import PaymentMoneyFields
from schema.subjects import SubjectFields

SubOrderId = Annotated[UUID, id_of("SubOrder", "The id of the vendor's part of an order.")]
OrderId = Annotated[UUID, id_of("Order", "The order's id.")]
OrderRoot = strawberry.Parent[rows.Order]
SubOrderRoot = strawberry.Parent[rows.SubOrder]
LineRoot = strawberry.Parent[line_rows.OrderLine]
PaymentRoot = strawberry.Parent[payment_rows.Payment]

AMOUNTS = (
    "goods",
    "vendor_discount",
    "platform_discount",
    "shipping",
    "tax_added",
    "tax_included",
    "total",
    "refunded",
)


@strawberry.type(
    description="The amounts of an order or of one vendor's part, as they were when it was placed."
    " `total` is `goods` less `discount`, plus `shipping` and `taxAdded`."
)
class OrderAmounts:
    goods: Money = strawberry.field(description="The goods, before discounts.")
    discount: Money = strawberry.field(description="All discounts, also on the delivery.")
    shipping: Money = strawberry.field(description="The deliveries, before discounts.")
    tax_added: Money = strawberry.field(description="The taxes on top of the prices.")
    tax_included: Money = strawberry.field(description="The taxes that the prices contain.")
    total: Money = strawberry.field(description="The amount that the customer pays.")
    refunded: Money = strawberry.field(description="The amount that was granted back since.")


def _amounts(row: rows.Order | rows.SubOrder, currency: str) -> OrderAmounts:
    names = ("goods", "discount", "shipping", "tax_added", "tax_included", "total", "refunded")
    return OrderAmounts(**{name: money_of(getattr(row, name), currency) for name in names})


@strawberry.type(
    description="A payment of an order or a purchase. Visible to the buyer and to admins."
)
class Payment(PaymentMoneyFields, Rows[payment_rows.Payment], relay.Node, access=visible_payment):
    id: relay.NodeID[UUID]
    payment_provider: PaymentProvider = column("The way in which it is made.", of="provider")
    payment_status: PaymentStatus = column("The state of the payment.", of="status")
    created_at: datetime = column("The time at which it was begun.")
    ended_at: datetime | None = column("The time at which it succeeded or ended.")
    attempt: int = column("Its number among those of the order by this provider, from 1.")
    decline_code: str | None = column(
        "The provider's code of the last decline, such as `card_declined`. Null without one."
    )

    @field("The amount.", needs=("amount", "currency"))
    def amount(root: PaymentRoot) -> Money:
        return money_of(root.amount, root.currency)

    @loaded(
        payer_of_payment,
        by="id",
        description="The secret for the provider's form in a client, for the buyer alone. Null"
        " unless the payment waits for the buyer.",
        needs=("id", "client_secret"),
    )
    def client_secret(root: PaymentRoot, payer_id: str, info: Info) -> str | None:
        return root.client_secret if payer_id == str(info.context.viewer.user_id) else None

    @loaded(
        payer_of_payment,
        by="id",
        description="The provider's page on which the buyer pays, for the buyer alone. Null unless"
        " there is one to open.",
        needs=("id", "redirect_url"),
    )
    def redirect_url(root: PaymentRoot, payer_id: str, info: Info) -> str | None:
        return root.redirect_url if payer_id == str(info.context.viewer.user_id) else None


@strawberry.type(
    description="An option of a variant with the value that was ordered, in words of that time."
)
class OrderedOption:
    name: str = localized_text("name", "The name of the option.")
    value: str = localized_text("value", "The name of the value.")


@strawberry.type(
    description="Units of one thing in an order, as it was when it was ordered. Visible to those"
    " who can see the vendor's part."
)
class OrderLine(
    CancellingLineFields,
    DigitalLineFields,
    Rows[line_rows.OrderLine],
    relay.Node,
    access=visible_line,
):
    id: relay.NodeID[UUID]
    kind: LineKind = column("The kind of thing.")
    title: str = localized_text("title", "The title.")
    ordered_sku: str | None = column(
        "The vendor's number of the variant. Null for what has none.", of="sku"
    )
    suborder: "SubOrder" = related(
        suborder_by_id,
        by="suborder_id",
        description="The part of the order that it is in.",
    )
    tickets: list[LazyTicket] = related_page(
        tickets_of_line,
        LazyTicket,
        "The tickets that it bought, the newest first. A ticket that changed hands is visible to"
        " its new holder alone.",
    )

    @field("The options that were chosen.", needs=("options", "locale"), size=3)
    def ordered_options(root: LineRoot) -> list[OrderedOption]:
        chosen: Any = root.chosen
        return list(chosen)

    quantity: int = column("The units that were ordered.")
    cancelled: int = column("The units that were cancelled.")
    shipped: int = column("The units that were shipped.")
    returned: int = column("The units that came back.")
    current_variant: LazyVariant | None = related(
        visible_variant,
        by="ref_id",
        description="The variant as it is now. Null if it is not sold any more, and for other"
        " things.",
    )

    @loaded(
        bookings_of_line,
        by="id",
        description="The booking that it pays, or the rest of which. Null for other things.",
    )
    def booking(root: LineRoot, found: Any) -> LazyBooking | None:
        return found[0] if found else None

    unit_price: Money = suborder_amount("unit", "The price of one unit.")

    total: Money = suborder_amount(
        "total", "The amount that the customer pays, with the line's share of the delivery."
    )

    tax: Money = suborder_amount("tax", "The taxes of the line, added or included.")


@strawberry.type(
    name="SubOrder",
    description="One vendor's part of an order. Visible to the buyer, to the vendor's members with"
    " the STAFF role or higher once the order is paid, and to admins.",
)
class SubOrder(
    SubjectFields,
    LaterSubOrderFields,
    SubOrderEarningFields,
    Rows[rows.SubOrder],
    relay.Node,
    access=visible_suborder,
):
    id: relay.NodeID[UUID]
    state: SubOrderState = column("The state of the part.")
    rate_name: str | None = column("The name of the delivery. Null without one.")
    is_pickup: bool = column("Whether the customer collects it at the vendor.")
    min_delivery_days: int | None = column(
        "The days until the delivery, at least. Null if unknown.", of="min_days"
    )
    max_delivery_days: int | None = column(
        "The days until the delivery, at most. Null if unknown.", of="max_days"
    )
    placed_at: datetime = column("The time at which the order was placed.", of="created_at")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")
    lines: list[OrderLine] = related(
        lines_of_suborder,
        by="id",
        description=f"The lines in their order, at most {line_rows.MAX_LINES}.",
        size=10,
    )

    @loaded(order_by_id, by="order_id", description="The number of the order, for people.")
    def number(root: SubOrderRoot, order: rows.Order) -> str:
        return order.number

    @loaded(
        currency_of_suborder,
        by="id",
        description="The amounts of the part.",
        needs=("id", *AMOUNTS),
    )
    def amounts(root: SubOrderRoot, currency: str) -> OrderAmounts:
        return _amounts(root, currency)


@strawberry.type(
    description="The purchase of a user from any number of vendors, in one currency. Visible to the"
    " buyer and to admins."
)
class Order(LaterOrderFields, Rows[rows.Order], relay.Node, access=visible_order):
    id: relay.NodeID[UUID]
    number: str = column("The number for people: 8 letters and digits, unique.")
    state: OrderState = column("The state of the order.")
    payment_state: PaymentState = column("Whether it is paid.")
    currency: CurrencyCode = column("The currency of all its amounts.")
    country: CountryCode = column("The country of the delivery.")
    placed_at: datetime = column("The time at which it was placed.", of="created_at")
    hold_until: datetime = column("The time until which it can be paid, while it is PENDING.")
    confirmed_at: datetime | None = column("The time at which it was paid in full.")
    ended_at: datetime | None = column("The time at which it was completed, or ended otherwise.")
    suborders: list[SubOrder] = related(
        parts_of_order,
        by="id",
        description=f"The parts of the vendors in their order, at most {line_rows.MAX_LINES}.",
        size=5,
    )
    payments: list[Payment] = related(
        payments_of_order, by="id", description="The payments, oldest first.", size=2
    )
    payment: Payment | None = related(
        payment_of_order,
        by="id",
        description="The newest payment besides the wallet's. Null if nothing else was to be paid.",
    )
    customer: LazyUser | None = related(
        visible_user,
        by="user_id",
        description="The buyer.",
    )

    @field("The amounts: the sums of those of the parts.", needs=(*AMOUNTS, "currency"))
    def amounts(root: OrderRoot) -> OrderAmounts:
        return _amounts(root, root.currency)


@strawberry.type(description="A page of the viewer's orders, with live changes.")
class OrderConnection(LiveConnection[Order]):
    pass


@strawberry.type(description="A page of a vendor's parts of orders, with live changes.")
class SubOrderConnection(LiveConnection[SubOrder]):
    pass


@strawberry.type(description="A page of the orders of all users.")
class AllOrdersConnection(Connection[Order]):
    pass

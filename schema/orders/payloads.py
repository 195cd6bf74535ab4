"""Payloads of mutations of orders."""

from uuid import UUID

import strawberry

from dataloaders.orders import payment_of_order, visible_order
from engine.context import Info
from engine.errors.conversion import Payload
from models.carts import MAX_LINES
from schema.carts.payloads import NotKeptLine
from schema.carts.types import Cart
from schema.orders.types import Order, Payment


@strawberry.type(description="The order that was placed.")
class PlaceOrderPayload(Payload):
    order: Order | None = strawberry.field(default=None, description="The order. Null on error.")
    payment: Payment | None = strawberry.field(
        default=None, description="The payment to make. Null if there is nothing left to pay."
    )


@strawberry.type(description="The cart, after the articles of an order were put into it.")
class ReorderPayload(Payload):
    cart: Cart | None = strawberry.field(default=None, description="The cart. Null on error.")
    not_kept: list[NotKeptLine] = strawberry.field(
        default_factory=list,
        description="The units that are not sold any more, or exceed a limit: at most"
        f" {MAX_LINES} variants.",
        metadata={"size": 2},
    )


async def placed_order(info: Info, order_id: UUID) -> PlaceOrderPayload:
    """Return the payload of an order that the viewer has placed."""
    loaders = info.context.loaders
    order = await loaders[visible_order].load(order_id)
    payment = await loaders[payment_of_order].load(order_id)
    return PlaceOrderPayload(
        order=Order.wrap_optional(order),
        payment=Payment.wrap_optional(payment),
    )

"""Carts, their lines by vendor, and the problems of these."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.carts import view_of_cart, visible_cart
from dataloaders.catalog import visible_product, visible_variant
from dataloaders.vendors import visible_vendor
from engine.types import Rows, column, field, loaded, localized_text, related
from models import carts as rows
from schema.lazy import LazyCheckoutProblem, LazyProduct, LazyVariant, LazyVendor
from schema.money import Money, money_of, optional_money
from services.carts.view import CartView, ShownLine, VendorGroup

CartRoot = strawberry.Parent[rows.Cart]
LineRoot = strawberry.Parent[ShownLine]
PRICED = ("price", "currency", "sold", "vendor_open")
GROUPS, LINES = 3, 4  # of a usual cart, for the price of a query


@strawberry.type(
    description="A line of a cart: units of one variant. Nothing is reserved, and prices can"
    " change until an order is placed."
)
class CartLine:
    quantity: int = column("The number of units.")
    title: str = localized_text("title", "The product's title, also if it is not sold any more.")
    variant: LazyVariant | None = related(
        visible_variant,
        by="variant_id",
        description="The variant. Null if it is not sold any more.",
    )
    product: LazyProduct | None = related(
        visible_product,
        by="product_id",
        description="The product. Null if it is not sold any more.",
    )
    problems: list[LazyCheckoutProblem] = strawberry.field(
        description="The problems that keep the line from being ordered as it is.",
        metadata={"size": 1},
    )

    @field("The variant's id, for `setCartLine`.", needs=("variant_id",))
    def variant_id(root: LineRoot) -> relay.GlobalID:
        return relay.GlobalID("Variant", str(root.variant_id))

    @field("The price of a unit now. Null if it is not sold any more.", needs=PRICED)
    def unit_price(root: LineRoot) -> Money | None:
        return optional_money(root.price if root.can_be_sold else None, root.currency)

    @field(
        "The price of a unit that the customer saw when adding it, or has accepted since.",
        needs=("seen_price", "currency"),
    )
    def seen_price(root: LineRoot) -> Money:
        return money_of(root.seen_price, root.currency)

    @field(
        "The price of all units now. Null if it is not sold any more.",
        needs=(*PRICED, "quantity"),
    )
    def total(root: LineRoot) -> Money | None:
        return optional_money(root.total if root.can_be_sold else None, root.currency)


@strawberry.type(description="The lines of a cart that one vendor sells.")
class CartGroup:
    vendor: LazyVendor | None = related(
        visible_vendor,
        by="vendor_id",
        description="The vendor. Null if it does not sell at present.",
    )
    lines: list[CartLine] = strawberry.field(
        description=f"The lines in the order in which they were added, at most {rows.MAX_LINES} in"
        " a cart.",
        metadata={"size": LINES},
    )

    @field(
        "The total of the lines now, without those that are not sold.",
        needs=("lines", "currency"),
    )
    def subtotal(root: strawberry.Parent[VendorGroup]) -> Money:
        return money_of(root.subtotal, root.currency)


@strawberry.type(
    description="Goods that a customer wants to buy, from any number of vendors. Visible to its"
    " user; an anonymous one, to callers with its token. Nothing is reserved. It is deleted"
    f" {rows.CART_DAYS} days after its last change, an anonymous one after"
    f" {rows.ANONYMOUS_CART_DAYS}."
)
class Cart(Rows[rows.Cart], relay.Node, access=visible_cart):
    id: relay.NodeID[UUID]
    version: int = column("A number that grows with each change of the lines.")
    updated_at: datetime = column("The time of the last change.")

    @loaded(
        view_of_cart,
        by="id",
        description="The lines by vendor, in the order in which the first of each was added.",
        size=GROUPS,
    )
    def vendor_groups(root: CartRoot, view: CartView) -> list[CartGroup]:
        found: Any = view.groups
        return list(found)

    @loaded(
        view_of_cart,
        by="id",
        description="The total of the lines of each currency now, without those that are not sold."
        " An order has one currency, so each is a checkout of its own.",
        size=1,
    )
    def subtotals(root: CartRoot, view: CartView) -> list[Money]:
        return [money_of(amount, currency) for currency, amount in view.totals.items()]

    @loaded(
        view_of_cart,
        by="id",
        description="The problems that keep the lines from being ordered as they are. `placeOrder`"
        " refuses the same.",
        size=1,
    )
    def problems(root: CartRoot, view: CartView) -> list[LazyCheckoutProblem]:
        found: Any = view.problems
        return list(found)

    @loaded(view_of_cart, by="id", description="The number of lines.")
    def line_count(root: CartRoot, view: CartView) -> int:
        return len(view.items)

    @loaded(view_of_cart, by="id", description="The number of units of all lines.")
    def unit_count(root: CartRoot, view: CartView) -> int:
        return view.units

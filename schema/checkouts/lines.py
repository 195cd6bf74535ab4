"""The lines of a checkout, with what they cost."""

from typing import Any

import strawberry

from dataloaders.catalog import visible_product, visible_variant
from engine.types import column, field, localized_text, related
from schema.lazy import LazyProduct, LazyVariant
from schema.money import Money, money_of
from schema.orders.enums import LineKind
from schema.orders.types import OrderedOption
from services.checkouts.quoted import QuotedLine

Root = strawberry.Parent[QuotedLine]


@strawberry.type(description="Units of one thing in a checkout, at the price of now.")
class CheckoutLine:
    kind: LineKind = column("The kind of thing.")
    title: str = localized_text("title", "The title.")
    sku: str | None = column("The vendor's number of the variant. Null for what has none.")
    quantity: int = column("The number of units.")
    variant: LazyVariant | None = related(
        visible_variant, by="ref_id", description="The variant. Null for other things."
    )
    product: LazyProduct | None = related(
        visible_product, by="product_id", description="The product. Null for other things."
    )

    @field("The options that were chosen.", needs=("chosen",), size=3)
    def options(root: Root) -> list[OrderedOption]:
        chosen: Any = root.chosen
        return list(chosen)

    @field("The price of one unit.", needs=("line", "currency"))
    def unit_price(root: Root) -> Money:
        return money_of(root.line.unit, root.currency)

    @field("The price of all units, before discounts.", needs=("line", "currency"))
    def goods(root: Root) -> Money:
        return money_of(root.line.goods, root.currency)

    @field(
        "Its share of all discounts, also of those on the delivery.", needs=("discount", "currency")
    )
    def discount(root: Root) -> Money:
        return money_of(root.discount, root.currency)

    @field(
        "Its taxes, added or included, with those on its share of the delivery.",
        needs=("priced", "currency"),
    )
    def tax(root: Root) -> Money:
        return money_of(root.priced.base.tax, root.currency)

    @field(
        "The amount that the customer pays for it, with its share of the delivery.",
        needs=("priced", "currency"),
    )
    def total(root: Root) -> Money:
        return money_of(root.priced.total, root.currency)

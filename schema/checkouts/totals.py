"""The amounts of a checkout, in all and for each vendor."""

import strawberry

from engine.types import column, field
from schema.money import Money, money_of
from schema.taxes.enums import TaxComponent
from services.checkouts.quoted import TaxSum, Totals

TaxRoot = strawberry.Parent[TaxSum]
TotalsRoot = strawberry.Parent[Totals]
TAXES = 2  # of a usual checkout, for the price of a query


@strawberry.type(description="A tax with one rate, on all that it is for.")
class TaxTotal:
    component: TaxComponent = column("The tax.")
    rate_bps: int = column("The rate in basis points: 900 is 9 %.")

    @field("The amount that is taxed, without the tax.", needs=("base", "currency"))
    def base(root: TaxRoot) -> Money:
        return money_of(root.base, root.currency)

    @field(
        "The tax. It is the rounded product of base and rate for each vendor.",
        needs=("tax", "currency"),
    )
    def tax(root: TaxRoot) -> Money:
        return money_of(root.tax, root.currency)


@strawberry.type(
    description="The amounts of a checkout, or of one vendor's part of it, now. `total` is `goods`"
    " less `discount`, plus `shipping` and `taxAdded`."
)
class CheckoutTotals:
    taxes: list[TaxTotal] = strawberry.field(
        description="The taxes by component and rate, added or included.",
        metadata={"size": TAXES},
    )

    @field("The goods, before discounts.", needs=("goods", "currency"))
    def goods(root: TotalsRoot) -> Money:
        return money_of(root.goods, root.currency)

    @field("All discounts, also on the deliveries.", needs=("discount", "currency"))
    def discount(root: TotalsRoot) -> Money:
        return money_of(root.discount, root.currency)

    @field("The chosen deliveries, before discounts.", needs=("shipping", "currency"))
    def shipping(root: TotalsRoot) -> Money:
        return money_of(root.shipping, root.currency)

    @field("The taxes on top of the prices.", needs=("tax_added", "currency"))
    def tax_added(root: TotalsRoot) -> Money:
        return money_of(root.tax_added, root.currency)

    @field("The taxes that the prices contain.", needs=("tax_included", "currency"))
    def tax_included(root: TotalsRoot) -> Money:
        return money_of(root.tax_included, root.currency)

    @field(
        "The difference that no base and its rounded tax add up to: at most 1 minor unit for each"
        " rate.",
        needs=("rounding", "currency"),
    )
    def rounding(root: TotalsRoot) -> Money:
        return money_of(root.rounding, root.currency)

    @field("The amount that the customer pays.", needs=("total", "currency"))
    def total(root: TotalsRoot) -> Money:
        return money_of(root.total, root.currency)

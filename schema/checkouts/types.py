"""Checkouts: what a user is about to order, with its price."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.clock import now
from dataloaders.checkouts import quote_of_checkout, visible_checkout
from engine.context import Info
from engine.scalars import CurrencyCode
from engine.types import Rows, column, field, loaded
from models import checkouts as rows
from models.orders.lines import MAX_LINES
from models.shipping.zones import MAX_RATES
from schema.addresses.types import PostalAddress
from schema.checkouts.enums import CheckoutState
from schema.checkouts.lines import CheckoutLine
from schema.checkouts.problems import CheckoutProblem
from schema.checkouts.totals import CheckoutTotals
from schema.money import Money, money_of
from schema.shipping.types import DeliveryOption
from schema.vendors.types import Vendor
from services.checkouts.quote import AppliedCode, Quote, QuotedGroup

Root = strawberry.Parent[rows.Checkout]
GroupRoot = strawberry.Parent[QuotedGroup]
CodeRoot = strawberry.Parent[AppliedCode]
GROUPS, LINES, RATES = 4, 5, 3  # of a usual checkout, for the price of a query


@strawberry.type(description="The part of a checkout that one vendor sells.")
class CheckoutGroup:
    lines: list[CheckoutLine] = strawberry.field(
        description=f"The lines in the order in which they were added, at most {MAX_LINES} in a"
        " checkout. What is not sold is among the problems alone.",
        metadata={"size": LINES},
    )
    totals: CheckoutTotals = strawberry.field(description="The amounts of the part.")
    is_delivered: bool = column("Whether a delivery must be chosen for it.")

    @field("The vendor.", needs=("vendor",))
    def vendor(root: GroupRoot) -> Vendor:
        return Vendor.wrap(root.vendor)

    @field(
        f"The rates at which the vendor delivers it, the cheapest first: at most {MAX_RATES}. Empty"
        " before the address is known.",
        needs=("deliveries",),
        size=RATES,
    )
    def deliveries(root: GroupRoot) -> list[DeliveryOption]:
        return [DeliveryOption.of(one) for one in root.deliveries]

    @field("The chosen delivery. Null before one is chosen.", needs=("chosen",))
    def chosen(root: GroupRoot) -> DeliveryOption | None:
        return DeliveryOption.of(root.chosen) if root.chosen else None


@strawberry.type(description="A promo code that was entered, with what it takes off.")
class CheckoutCode:
    @field("The id of the code, for `removePromoCode`.", needs=("code",))
    def promo_code_id(root: CodeRoot) -> relay.GlobalID:
        return relay.GlobalID("PromoCode", str(root.code.id))

    @field("The code, in upper case.", needs=("code",))
    def code_text(root: CodeRoot) -> str:
        return root.code.code

    @field(
        "The amount that it takes off. 0 if it does not apply: see `problems`.",
        needs=("amount", "code"),
    )
    def discount(root: CodeRoot) -> Money:
        return money_of(root.amount, root.code.currency)


@strawberry.type(
    description="The goods of a cart in one currency, and what was chosen for them. Visible to its"
    f" user. It reserves nothing, and ends {rows.CHECKOUT_MINUTES} minutes after its last change."
    " Its price is that of now, and empty when it is not OPEN."
)
class Checkout(Rows[rows.Checkout], relay.Node, access=visible_checkout):
    id: relay.NodeID[UUID]
    currency: CurrencyCode = column("The currency of all its amounts.")
    expires_at: datetime = column("The time at which it ends if nothing is changed.")
    created_at: datetime = column("The time at which it was started.")

    @field("The state.", needs=("state", "expires_at"), volatile=True)
    def state(root: Root) -> CheckoutState:
        return root.state_at(now())

    @field("Where it is delivered. Null before it is set.", needs=("id", "ship_to"))
    def ship_to(root: Root, info: Info) -> PostalAddress | None:
        return PostalAddress.of(root.open_address(info.context.app.sealer, "ship_to"))

    @field("Where it is billed. Null if that is where it is delivered.", needs=("id", "bill_to"))
    def bill_to(root: Root, info: Info) -> PostalAddress | None:
        return PostalAddress.of(root.open_address(info.context.app.sealer, "bill_to"))

    @field("The tax number of the buyer.", needs=("id", "buyer_tax_id"))
    def buyer_tax_id(root: Root, info: Info) -> str | None:
        return root.open_buyer_tax_id(info.context.app.sealer)

    @loaded(
        quote_of_checkout,
        by="id",
        description="The vendors' parts, in the order of their first lines.",
        size=GROUPS,
    )
    def groups(root: Root, quote: Quote | None) -> list[CheckoutGroup]:
        found: Any = quote.groups if quote else []
        return list(found)

    @loaded(quote_of_checkout, by="id", description="Its amounts. Null when it is not OPEN.")
    def totals(root: Root, quote: Quote | None) -> CheckoutTotals | None:
        found: Any = quote.totals if quote else None
        return found  # type: ignore[no-any-return] # a row of this type

    @loaded(
        quote_of_checkout,
        by="id",
        description="The amount that is taken from the user's wallet, at most the total.",
        needs=("id", "currency"),
    )
    def from_wallet(root: Root, quote: Quote | None) -> Money:
        return money_of(quote.wallet if quote else 0, root.currency)

    @loaded(
        quote_of_checkout,
        by="id",
        description="The amount that is left to pay after the wallet.",
        needs=("id", "currency"),
    )
    def to_pay(root: Root, quote: Quote | None) -> Money:
        return money_of(quote.to_pay if quote else 0, root.currency)

    @loaded(
        quote_of_checkout,
        by="id",
        description="The promo codes in the order in which they were entered, at most"
        f" {rows.MAX_CODES}.",
        size=1,
    )
    def codes(root: Root, quote: Quote | None) -> list[CheckoutCode]:
        found: Any = quote.codes if quote else []
        return list(found)

    @loaded(
        quote_of_checkout,
        by="id",
        description="The problems that keep it from being ordered. `placeOrder` refuses the same.",
        size=2,
    )
    def problems(root: Root, quote: Quote | None) -> list[CheckoutProblem]:
        found: Any = quote.problems if quote else []
        return list(found)

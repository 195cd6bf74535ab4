"""Promo codes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.promos import discounted_by_code, users_of_code, visible_promo_code
from dataloaders.vendors import vendor_by_id
from engine.ids import id_of
from engine.limits.cost import COUNT_COST
from engine.scalars import CurrencyCode
from engine.types import Rows, column, field, loaded, related
from models.pricing.discounts import PromoKind as Kind
from models.promos import codes as rows
from schema.lazy import LazyVendor
from schema.money import Money, money_of, optional_money
from schema.promos.enums import FundedBy, PromoCodeState, PromoKind

PromoCodeId = Annotated[UUID, id_of("PromoCode", "The promo code's id.")]
Root = strawberry.Parent[rows.PromoCode]


@strawberry.type(
    description="A discount that buyers get with a code. Visible to the vendor's members with the"
    " STAFF role or higher, and admins; those of the platform to admins."
)
class PromoCode(Rows[rows.PromoCode], relay.Node, access=visible_promo_code):
    id: relay.NodeID[UUID]
    code_text: str = column("The code that buyers enter, in any case.", of="code")
    state: PromoCodeState = column("The state.")
    kind: PromoKind = column("The kind of discount.")
    currency: CurrencyCode = column("The currency of the orders that it is for.")
    capacity: int | None = column("The number of orders that can use it. Null is unlimited.")
    per_user: int = column("The number of orders of one user that can use it.")
    used: int = column(
        "The number of orders that have used it. `vendorOrders` and `allOrders` with"
        " `where: {promoCodeId}` list them.",
        volatile=True,
    )
    remaining: int | None = column(
        "The number of orders that can still use it. Null is unlimited.",
        needs=("capacity", "used"),
        volatile=True,
    )
    combines: bool = column(
        "Whether an order can have other codes beside it: one of each vendor's, and one of the"
        " platform's."
    )
    funded_by: FundedBy = column("The side that pays for the discount.", needs=("vendor_id",))
    valid_from: datetime = column("The time from which it is valid.")
    valid_until: datetime | None = column("The time at which it is no longer valid. Null is never.")
    ended_at: datetime | None = column("The time at which it was ended for good.")
    created_at: datetime = column("The time at which it was created.")
    funding_vendor: LazyVendor | None = related(
        vendor_by_id,
        by="vendor_id",
        description="The vendor that pays for it. Null for codes of the platform.",
    )

    @field(
        "The percentage in basis points: 250 is 2.5 %. Null for other kinds.",
        needs=("kind", "value"),
    )
    def percent_bps(root: Root) -> int | None:
        return root.value if root.kind is Kind.PERCENT else None

    @field("The amount. Null for other kinds.", needs=("kind", "value", "currency"))
    def amount_off(root: Root) -> Money | None:
        return optional_money(root.value if root.kind is Kind.AMOUNT else None, root.currency)

    @field(
        "The least value of the goods that it is for, before discounts.",
        needs=("minimum", "currency"),
    )
    def minimum(root: Root) -> Money:
        return money_of(root.minimum, root.currency)

    @field("The highest discount. Null is unlimited.", needs=("max_discount", "currency"))
    def max_discount(root: Root) -> Money | None:
        return optional_money(root.max_discount, root.currency)

    @field(
        "The categories whose goods it is for, with their descendants. Empty for all goods.",
        needs=("category_ids",),
        size=5,
    )
    def category_ids(root: Root) -> list[relay.GlobalID]:
        return [relay.GlobalID("Category", str(id)) for id in root.category_ids]

    @field(
        "The vendors whose goods a code of the platform is for. Empty for all vendors.",
        needs=("vendor_ids",),
        size=5,
    )
    def vendor_ids(root: Root) -> list[relay.GlobalID]:
        return [relay.GlobalID("Vendor", str(id)) for id in root.vendor_ids]

    user_count: int = related(
        users_of_code,
        by="id",
        description="The number of users who have used it.",
        cost=COUNT_COST,
        volatile=True,
    )

    @loaded(
        discounted_by_code,
        by="id",
        description="The sum of the discounts that it gave.",
        needs=("id", "currency"),
        cost=COUNT_COST,
    )
    def discounted(root: Root, amount: int) -> Money:
        return money_of(amount, root.currency)

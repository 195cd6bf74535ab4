"""Packs, the quota that vendors have of them, and their subscriptions."""

from datetime import datetime
from typing import Annotated, Any, Self, cast
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.packs import (
    pack_by_id,
    periods_of_subscription,
    prices_of_pack,
    visible_pack,
    visible_pack_grant,
    visible_pack_subscription,
    visible_quota_use,
)
from dataloaders.purchases import purchase_by_id
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, LiveConnection, connection
from engine.ids import id_of
from engine.scalars import CurrencyCode
from engine.types import Rows, column, field, localized_text, related
from models.packs import grants, subscriptions
from models.packs import packs as rows
from schema.lazy import LazyVendor
from schema.money import Money, money_of
from schema.orders.enums import PaymentProvider
from schema.packs.enums import PackState, PackSubscriptionState, PeriodKind, QuotaUnit
from schema.purchases.types import Purchase
from services.packs import balance
from services.packs.access import list_grants, list_uses

PackId = Annotated[UUID, id_of("Pack", "The pack's id.")]
PackSubscriptionId = Annotated[UUID, id_of("PackSubscription", "The subscription's id.")]
PriceRoot = strawberry.Parent[rows.PackPrice]
GrantRoot = strawberry.Parent[grants.PackGrant]
BalanceRoot = strawberry.Parent[balance.PackBalance]
SubscriptionRoot = strawberry.Parent[subscriptions.PackSubscription]
PeriodRoot = strawberry.Parent[subscriptions.PackPeriod]


@strawberry.type(description="The price of a pack in one currency.")
class PackPrice(Rows[rows.PackPrice]):
    currency: CurrencyCode = column("The currency.")
    tax_bps: int = column("The tax on the price in basis points: 1800 is 18 %.")

    @field("The price without tax.", needs=("net", "currency"))
    def net(root: PriceRoot) -> Money:
        return money_of(root.net, root.currency)

    @field("The price with tax.", needs=("net", "tax_bps", "currency"))
    def total(root: PriceRoot) -> Money:
        return money_of(root.total, root.currency)


@strawberry.type(
    description="Units that vendors buy for a number of days. Public while it is sold; then visible"
    " to the owners and managers of vendors that have it, and to admins."
)
class Pack(Rows[rows.Pack], relay.Node, access=visible_pack):
    id: relay.NodeID[UUID]
    title: str = localized_text("title", "The title.")
    unit: QuotaUnit = column("The use of its units.")
    unit_count: int = column("The number of units.", of="quota")
    period_days: int = column("The days after which unused units end.")
    pack_state: PackState = column("The state.", of="state")
    prices: list[PackPrice] = related(
        prices_of_pack,
        by="id",
        description=f"The prices by currency, at most {rows.MAX_PRICES}.",
        size=3,
    )


@strawberry.type(
    description="Units of a vendor that were used for something, which counts once. Visible to the"
    " vendor's owners and managers, and to admins."
)
class QuotaUse(Rows[grants.QuotaUse], relay.Node, access=visible_quota_use):
    id: relay.NodeID[UUID]
    quantity: int = column("The number of units.")
    created_at: datetime = column("The time at which they were used.")


@strawberry.type(
    description="Units that a vendor has bought, until they end. What ends first is used first."
    " Visible to the vendor's owners and managers, and to admins."
)
class PackGrant(Rows[grants.PackGrant], relay.Node, access=visible_pack_grant):
    id: relay.NodeID[UUID]
    unit: QuotaUnit = column("The use of the units.")
    granted: int = column("The units that were bought.")
    used: int = column("The units that were used.", volatile=True)
    starts_at: datetime = column("The time from which they can be used.")
    ends_at: datetime = column("The time at which those that are not used end.")
    ended_at: datetime | None = column("The time at which they have ended.")
    pack: Pack = related(pack_by_id, by="pack_id", description="The pack.")
    purchase: Purchase = related(
        purchase_by_id, by="purchase_id", description="The purchase that paid them."
    )
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")

    @connection(Connection[QuotaUse], "The uses, newest first.", needs=("id",))
    def uses(root: GrantRoot) -> Listing[Any]:
        return list_uses(root.id)


@strawberry.type(description="A page of the units that a vendor has bought, with live changes.")
class PackGrantConnection(LiveConnection[PackGrant]):
    pass


@strawberry.type(description="The units of a kind that a vendor has left.")
class QuotaBalance:
    unit: QuotaUnit = column("The use of the units.")
    units_left: int = column("The number of units.")
    first_ends_at: datetime | None = column(
        "The time at which the first of them end. Null without any."
    )

    @classmethod
    def wrap(cls, found: balance.QuotaBalance) -> Self:
        """Return the balance itself, typed as its GraphQL type."""
        return cast("Self", found)


@strawberry.type(
    description="The units that a vendor has left of its packs. Visible to its owners and managers,"
    " and to admins. Subscription: `packBalanceChanges`."
)
class PackBalance:
    required: bool = column("Whether the vendor needs packs to publish offers.")
    quotas: list[QuotaBalance] = strawberry.field(
        description="The units that are left, one entry for each kind.",
        metadata={"size": len(rows.QuotaUnit)},
    )

    @connection(PackGrantConnection, "The units that were bought, newest first.")
    def grants(root: BalanceRoot) -> Listing[Any]:
        return list_grants(root.vendor_id)

    @classmethod
    def wrap(cls, found: balance.PackBalance) -> Self:
        """Return the balance itself, typed as its GraphQL type."""
        return cast("Self", found)


@strawberry.type(description="A period of a subscription to a pack.")
class PackPeriod(Rows[subscriptions.PackPeriod]):
    period_kind: PeriodKind = column("The reason why it began.", of="kind")
    starts_at: datetime = column("Its start.")
    ends_at: datetime = column("Its end.")
    purchase: Purchase = related(
        purchase_by_id, by="purchase_id", description="The purchase that pays it."
    )


@strawberry.type(
    description="A pack that a vendor buys for each period. Visible to the vendor's owners and"
    " managers, and to admins. Subscription: `packBalanceChanges`."
)
class PackSubscription(
    Rows[subscriptions.PackSubscription], relay.Node, access=visible_pack_subscription
):
    id: relay.NodeID[UUID]
    subscription_state: PackSubscriptionState = column("The state.", of="state")
    unit: QuotaUnit = column("The use of the units.")
    payment_provider: PaymentProvider = column("The way in which it is charged.", of="provider")
    created_at: datetime = column("The time at which it was started.")
    renews_at: datetime = column("The time at which the present period ends.")
    retries_at: datetime | None = column(
        "The time at which an unpaid period is charged again.", of="retry_at"
    )
    ends_with_period: bool = column("Whether it ends with the present period.")
    ended_at: datetime | None = column("The time at which it ended.")
    pack: Pack = related(pack_by_id, by="pack_id", description="The pack.")
    next_pack: Pack | None = related(
        pack_by_id,
        by="next_pack_id",
        description="The pack of the next period. Null if it stays the same.",
    )
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")
    periods: list[PackPeriod] = related(
        periods_of_subscription, by="id", description="Its periods, newest first.", size=12
    )

    @field(
        "The price of the next period, with tax.",
        needs=("net", "tax_bps", "next_net", "next_tax_bps", "currency"),
    )
    def next_price(root: SubscriptionRoot) -> Money:
        return money_of(root.next_total, root.currency)


@strawberry.type(description="A page of subscriptions to packs, with live changes.")
class PackSubscriptionConnection(LiveConnection[PackSubscription]):
    pass

"""Debts of vendors, and the input of payments of them."""

from datetime import datetime
from typing import Self, cast
from uuid import UUID

import strawberry

from dataloaders.vendors import vendor_by_id
from engine.ids import id_field
from engine.scalars import BigInt
from engine.types import column, field, related
from models.payments.ways import PaymentWay
from schema.lazy import LazyVendor
from schema.money import Money, money_of
from schema.orders.enums import PaymentProvider
from schema.orders.ways import METHOD, RETURN_URL, SAVES
from schema.purchases.inputs import KEY, way_of
from services.payouts import debtors

DebtRoot = strawberry.Parent[debtors.OpenDebt]


@strawberry.type(
    description="The debt of a vendor to the platform: its balance is below zero. Visible to"
    " admins."
)
class VendorDebt:
    since: datetime = column("The time since which it owes money, as a nightly job has noted.")
    noticed_at: datetime | None = column("The time at which its owners were notified. Null before.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")

    @field("The amount now. Zero if it was paid since.", needs=("owed", "currency"))
    def owed(root: DebtRoot) -> Money:
        return money_of(root.owed, root.currency)

    @classmethod
    def wrap(cls, debt: debtors.OpenDebt) -> Self:
        """Return the debt itself, typed as its GraphQL type."""
        return cast("Self", debt)


@strawberry.input(description="A payment of what a vendor owes.")
class PayDebtInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    provider: PaymentProvider = column("The way of payment: MANUAL or an online provider.")
    idempotency_key: str = column(KEY.format(what="purchase"))
    amount_minor: BigInt | None = strawberry.field(
        default=None,
        description="The amount in minor units, at most what the vendor owes. Defaults to all.",
    )
    return_url: str | None = strawberry.field(default=None, description=RETURN_URL)
    payment_method_id: UUID | None = id_field("PaymentMethod", METHOD, default=None)
    save_payment_method: bool = strawberry.field(default=False, description=SAVES)

    def way(self) -> PaymentWay:
        return way_of(self)

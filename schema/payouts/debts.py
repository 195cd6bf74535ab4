"""The input of payments of debts."""

from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.scalars import BigInt
from engine.types import column
from models.payments.ways import PaymentWay
from schema.orders.enums import PaymentProvider
from schema.orders.ways import METHOD, RETURN_URL, SAVES
from schema.purchases.inputs import KEY, way_of


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

"""Inputs of purchases."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.scalars import BigInt, CurrencyCode
from engine.types import column, optional
from models.payments.refunds import MAX_REFUND_NOTE
from models.payments.ways import PaymentWay
from schema.orders.enums import PaymentProvider
from schema.orders.ways import METHOD, RETURN_URL, SAVES
from schema.purchases.enums import PurchaseKind, PurchaseState
from services.purchases.access import PurchaseFilter

KEY = (
    "A unique key of at most 100 characters. A retry with the same key and input returns the first"
    " request's {what}."
)
WAY = "The way of payment: WALLET, MANUAL for a transfer that an admin records, or online."

RefundedAmount = Annotated[
    BigInt | None,
    strawberry.argument(
        description="The amount in minor units of a top-up. Defaults to all that can go back."
    ),
]
RefundNote = Annotated[
    str | None,
    strawberry.argument(
        description=f"The reason, for the buyer: at most {MAX_REFUND_NOTE} characters."
    ),
]


@strawberry.input(description="Money to add to a wallet.")
class TopUpWalletInput:
    amount_minor: BigInt = column("The amount in minor units of `currency`.")
    currency: CurrencyCode = column("The currency. A vendor's wallet has the vendor's.")
    provider: PaymentProvider = column("The way of payment: MANUAL or an online provider.")
    idempotency_key: str = column(KEY.format(what="purchase"))
    vendor_id: UUID | None = id_field(
        "Vendor", "The vendor whose wallet it is for. Defaults to the viewer's own.", default=None
    )
    return_url: str | None = optional(RETURN_URL)
    payment_method_id: UUID | None = id_field("PaymentMethod", METHOD, default=None)
    save_payment_method: bool = optional(SAVES, False)

    def way(self) -> PaymentWay:
        return way_of(self)


@strawberry.input(description="Another way to pay for a purchase.")
class PayPurchaseInput:
    purchase_id: UUID = id_field("Purchase", "The purchase's id.")
    provider: PaymentProvider = column(WAY)
    idempotency_key: str = column(KEY.format(what="purchase"))
    return_url: str | None = optional(RETURN_URL)
    payment_method_id: UUID | None = id_field("PaymentMethod", METHOD, default=None)
    save_payment_method: bool = optional(SAVES, False)

    def way(self) -> PaymentWay:
        return way_of(self)


def way_of(input: Any) -> PaymentWay:
    return PaymentWay(
        provider=input.provider,
        return_url=input.return_url,
        method_id=input.payment_method_id,
        saves_method=input.save_payment_method,
    )


@strawberry.input(description="Conditions of a list of purchases. All of them must hold.")
class PurchaseWhere:
    vendor_id: UUID | None = id_field(
        "Vendor", "Of this vendor. Defaults to the viewer's own.", default=None
    )
    kinds: list[PurchaseKind] | None = optional("Of one of these kinds.")
    states: list[PurchaseState] | None = optional("In one of these states.")
    begun_from: datetime | None = optional("Begun at this time or later.")
    begun_before: datetime | None = optional("Begun before this time.")


def purchase_filter(where: PurchaseWhere | None) -> PurchaseFilter:
    return PurchaseFilter(**vars(where)) if where else PurchaseFilter()

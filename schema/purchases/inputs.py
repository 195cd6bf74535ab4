"""Inputs of purchases."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.scalars import BigInt, CurrencyCode
from engine.types import column
from models.payments.payments import PaymentProvider as Provider
from models.payments.refunds import MAX_REFUND_NOTE
from schema.orders.enums import PaymentProvider
from schema.purchases.enums import PurchaseKind, PurchaseState
from services.purchases import paying
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
Way = Annotated[PaymentProvider, strawberry.argument(description=WAY)]


def _optional(description: str, default: Any = None) -> Any:
    return strawberry.field(default=default, description=description)


@strawberry.input(description="Money to add to a wallet.")
class TopUpWalletInput:
    amount_minor: BigInt = column("The amount in minor units of `currency`.")
    currency: CurrencyCode = column("The currency. A vendor's wallet has the vendor's.")
    idempotency_key: str = column(KEY.format(what="purchase"))
    vendor_id: UUID | None = id_field(
        "Vendor", "The vendor whose wallet it is for. Defaults to the viewer's own.", default=None
    )
    provider: PaymentProvider = _optional(
        "The way of payment. MANUAL is a transfer that an admin records.", Provider.MANUAL
    )

    def way(self) -> paying.Way:
        return paying.Way(self.provider)


@strawberry.input(description="Conditions of a list of purchases. All of them must hold.")
class PurchaseWhere:
    vendor_id: UUID | None = id_field(
        "Vendor", "Of this vendor. Defaults to the viewer's own.", default=None
    )
    kinds: list[PurchaseKind] | None = _optional("Of one of these kinds.")
    states: list[PurchaseState] | None = _optional("In one of these states.")


def purchase_filter(where: PurchaseWhere | None) -> PurchaseFilter:
    return PurchaseFilter(**vars(where)) if where else PurchaseFilter()

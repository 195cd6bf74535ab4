"""Inputs of payments."""

from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.types import column
from models.payments.ways import PaymentWay
from schema.orders.enums import PaymentProvider
from schema.orders.ways import METHOD, RETURN_URL, SAVES


@strawberry.input(description="Another way to pay for an order.")
class RetryPaymentInput:
    order_id: UUID = id_field("Order", "The order's id.")
    provider: PaymentProvider = column("How what the wallet does not pay is paid.")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input begins no"
        " other payment."
    )
    return_url: str | None = strawberry.field(default=None, description=RETURN_URL)
    payment_method_id: UUID | None = id_field("PaymentMethod", METHOD, default=None)
    save_payment_method: bool = strawberry.field(default=False, description=SAVES)

    def way(self) -> PaymentWay:
        return PaymentWay(
            provider=self.provider,
            return_url=self.return_url,
            method_id=self.payment_method_id,
            saves_method=self.save_payment_method,
        )

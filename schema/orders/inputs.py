"""Inputs of orders."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.scalars import BigInt
from engine.types import column, optional
from models.orders.timeline import MAX_STEP_NOTE
from models.payments.ways import PaymentWay
from schema.orders.enums import OrderState, PaymentProvider, PaymentState
from schema.orders.ways import METHOD, RETURN_URL, SAVES
from services.orders.access import OrderFilter
from services.orders.placing.placing import PlacingDraft

PROMO_CODE = "That use this promo code. One that expired or was cancelled whole does not."


@strawberry.input(description="Conditions of a list of orders. All must hold.")
class OrderWhere:
    states: list[OrderState] | None = optional("In one of these states.")
    payment_states: list[PaymentState] | None = optional("In one of these states of payment.")
    placed_from: datetime | None = optional("Placed at this time or later.")
    placed_before: datetime | None = optional("Placed before this time.")
    number: str | None = optional("With this number, in any case.")
    promo_code_id: UUID | None = id_field("PromoCode", PROMO_CODE, default=None)


def order_filter(where: OrderWhere | None) -> OrderFilter:
    given = where or OrderWhere()
    return OrderFilter(
        states=given.states,
        payment_states=given.payment_states,
        created_from=given.placed_from,
        created_before=given.placed_before,
        number=given.number,
        promo_code_id=given.promo_code_id,
    )


CancelReason = Annotated[
    str | None,
    strawberry.argument(
        description=f"The reason, for the vendors: at most {MAX_STEP_NOTE} characters."
    ),
]


@strawberry.input(description="A checkout to order, at the total that the buyer has seen.")
class PlaceOrderInput:
    checkout_id: UUID = id_field("Checkout", "The checkout's id.")
    expected_total_minor: BigInt = column(
        "The total that the buyer has seen, in minor units. If it has changed, the order is refused"
        " with the new one."
    )
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's order."
    )
    provider: PaymentProvider = strawberry.field(
        default=PaymentProvider.MANUAL,
        description="How what the wallet does not pay is paid. Defaults to MANUAL.",
    )
    return_url: str | None = optional(RETURN_URL)
    payment_method_id: UUID | None = id_field("PaymentMethod", METHOD, default=None)
    save_payment_method: bool = strawberry.field(default=False, description=SAVES)

    def draft(self) -> PlacingDraft:
        way = PaymentWay(
            provider=self.provider,
            return_url=self.return_url,
            method_id=self.payment_method_id,
            saves_method=self.save_payment_method,
        )
        return PlacingDraft(self.checkout_id, self.expected_total_minor, way, self.idempotency_key)

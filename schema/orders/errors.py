"""Errors of orders and payments that carry data."""

import strawberry

from engine.errors import UserError, error_type
from engine.scalars import BigInt, CurrencyCode
from models.orders import placing
from models.payments import recording


@error_type(placing.TotalChanged)
@strawberry.type(description="The checkout costs something else than the buyer has seen.")
class TotalChanged(UserError):
    total: BigInt = strawberry.field(description="The total now, in minor units.")
    currency: CurrencyCode = strawberry.field(description="The currency.")


@error_type(recording.PaymentMismatch)
@strawberry.type(description="The payment has another amount or currency than is open.")
class PaymentMismatch(UserError):
    amount: BigInt = strawberry.field(description="The amount that is open, in minor units.")
    currency: CurrencyCode = strawberry.field(description="The currency.")

"""Errors of orders and payments that carry data."""

import strawberry

from engine.errors.conversion import UserError, error_type
from models.orders import placing
from models.payments import recording
from schema.money import Money


@error_type(placing.TotalChanged)
@strawberry.type(description="The checkout costs something else than the buyer has seen.")
class TotalChanged(UserError):
    total: Money = strawberry.field(description="The total now.")


@error_type(recording.PaymentMismatch)
@strawberry.type(description="The payment has another amount or currency than is open.")
class PaymentMismatch(UserError):
    amount: Money = strawberry.field(description="The amount that is open.")

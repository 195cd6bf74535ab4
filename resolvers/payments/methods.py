"""Saved methods of payment."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.errors import NotFound
from models.payments import methods as rows
from models.payments.ways import PaymentInProgress
from schema.payments.methods import PaymentMethod
from services.payments import methods

PaymentId = Annotated[UUID, id_of("Payment", "The payment's id.")]
MethodId = Annotated[UUID, id_of("PaymentMethod", "The id of the saved method.")]


@strawberry.type
class PaymentMethodQuery:
    @connection(Connection[PaymentMethod], "The viewer's saved methods of payment, newest first.")
    def payment_methods(self, info: Info) -> Listing[Any]:
        return methods.list_methods(info.context.viewer)


@strawberry.type
class PaymentMethodMutation:
    @mutation(
        payment_method=PaymentMethod,
        personal=True,
        raises=(NotFound, PaymentInProgress, rows.PaymentMethodLimitReached),
        repeatable="a method is saved once",
    )
    async def save_payment_method(self, info: Info, payment_id: PaymentId) -> rows.PaymentMethod:
        """Save the method of a payment that has succeeded and was made with `savePaymentMethod`.
        It is also saved without this call, some seconds later.
        """
        context = info.context
        return await methods.save_method(context.call_sender, context.viewer, payment_id)

    @mutation(personal=True, raises=(NotFound,), repeatable="refuses a removed method")
    async def remove_payment_method(self, info: Info, payment_method_id: MethodId) -> None:
        """Remove a saved method, here at once and at the provider soon after."""
        async with info.context.transaction() as session:
            await methods.remove_method(session, info.context.viewer, method_id=payment_method_id)

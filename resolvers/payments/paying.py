"""Payments that buyers make by a provider."""

from typing import Annotated

import strawberry

from dataloaders.orders import visible_order
from engine.context import Info
from engine.mutation import mutation
from engine.scalars import CurrencyCode
from engine.types import field
from models.errors import KEYED, InvalidInput, NotFound
from models.orders.states import InvalidOrderState
from models.payments.recording import OrderPaid
from models.payments.ways import (
    PaymentDeclined,
    PaymentInProgress,
    PaymentTooSmall,
    ProviderNotAvailable,
)
from schema.money import money_of
from schema.orders.payloads import PlaceOrderPayload, placed_order
from schema.orders.types import Order, OrderId
from schema.payments.inputs import RetryPaymentInput
from schema.payments.methods import PaymentProviderOffer
from services.payments.order_payments import check_payment, retry_payment

Currency = Annotated[CurrencyCode, strawberry.argument(description="The currency to pay in.")]


@strawberry.type
class PayingQuery:
    @field("The payment providers for a currency. Besides them, there are WALLET and MANUAL.")
    def payment_providers(self, info: Info, currency: Currency) -> list[PaymentProviderOffer]:
        ways = info.context.app.ways_to_pay
        return [
            PaymentProviderOffer(
                payment_provider=provider,
                publishable_key=ways.keys.get(provider) or None,
                minimum=money_of(minimum, currency),
            )
            for provider, minimum in ways.list_providers(currency)
        ]


@strawberry.type
class PayingMutation:
    @mutation(
        personal=True,
        raises=(
            InvalidInput,
            NotFound,
            InvalidOrderState,
            OrderPaid,
            ProviderNotAvailable,
            PaymentTooSmall,
            PaymentInProgress,
            PaymentDeclined,
            *KEYED,
        ),
    )
    async def retry_payment(self, info: Info, input: RetryPaymentInput) -> PlaceOrderPayload:
        """Pay for an order that is PENDING in another way, or once more. The payment before is
        cancelled at its provider first, so that the order is paid once.
        """
        context = info.context
        order_id = await retry_payment(
            context.call_sender,
            context.viewer,
            context.app.ways_to_pay,
            input.way(),
            order_id=input.order_id,
            idempotency_key=input.idempotency_key,
        )
        return await placed_order(info, order_id)

    @mutation(order=Order, personal=True, raises=(NotFound,), repeatable="only looks")
    async def check_payment(self, info: Info, order_id: OrderId) -> Order | None:
        """Ask the provider about the payment of an order, after the buyer came back from its page.
        Without this call, the order follows some seconds later. At most 30 calls in 10 minutes.
        """
        context = info.context
        user_id = context.viewer.require_user()
        await context.app.payment_limits.charge(user_id, context.redis_allowance)
        await check_payment(context.call_sender, context.viewer, order_id)
        return Order.wrap_optional(await context.loaders[visible_order].load(order_id))

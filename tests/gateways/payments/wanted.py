"""Payments and refunds that the tests of gateways ask for."""

from uuid import UUID

from core.ids import new_id
from gateways.payments.gateway import (
    MoneyStatus,
    NewPayment,
    NewRefund,
    PaymentGateway,
    ProviderPayment,
)


def wanted(**given: object) -> NewPayment:
    fields = {"payment_id": new_id(), "amount": 12345, "currency": "INR", "description": "Order 1"}
    return NewPayment(**{**fields, **given})  # type: ignore[arg-type]


def refund_of(payment: ProviderPayment, amount: int = 1000, part: UUID | None = None) -> NewRefund:
    return NewRefund(part or new_id(), payment.reference, amount, payment.currency)


async def paid(gateway: PaymentGateway, card: str = "pm_card_visa") -> ProviderPayment:
    payment = await gateway.create_payment(wanted(method=card), key=str(new_id()))
    assert payment.status is MoneyStatus.SUCCEEDED
    return payment

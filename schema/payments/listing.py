"""Conditions of the lists of payments and refunds for admins."""

from datetime import datetime

import strawberry

from engine.scalars import CurrencyCode
from engine.types import optional
from schema.orders.enums import PaymentProvider, PaymentStatus
from schema.payments.enums import RefundReason, RefundState
from services.payments.listing import PaymentFilter, RefundFilter


@strawberry.input(description="Conditions of a list of payments. All must hold.")
class PaymentWhere:
    payment_providers: list[PaymentProvider] | None = optional("By one of these ways.")
    payment_statuses: list[PaymentStatus] | None = optional("In one of these states.")
    currency: CurrencyCode | None = optional("In this currency.")
    reference: str | None = optional("With this reference of the provider or the bank.")
    has_dispute: bool | None = optional(
        "Whether a bank has taken back an amount, or holds it until a dispute is decided."
    )
    begun_from: datetime | None = optional("Begun at this time or later.")
    begun_before: datetime | None = optional("Begun before this time.")


@strawberry.input(description="Conditions of a list of refunds. All must hold.")
class RefundWhere:
    refund_states: list[RefundState] | None = optional("In one of these states.")
    refund_reasons: list[RefundReason] | None = optional("For one of these reasons.")
    awaits_transfer: bool | None = optional(
        "Whether a part of it waits for a transfer by hand, which `settleRefund` records."
    )
    granted_from: datetime | None = optional("Granted at this time or later.")
    granted_before: datetime | None = optional("Granted before this time.")


def payment_filter(where: PaymentWhere | None) -> PaymentFilter:
    given = where or PaymentWhere()
    return PaymentFilter(
        providers=given.payment_providers,
        statuses=given.payment_statuses,
        currency=given.currency,
        reference=given.reference,
        has_dispute=given.has_dispute,
        created_from=given.begun_from,
        created_before=given.begun_before,
    )


def refund_filter(where: RefundWhere | None) -> RefundFilter:
    given = where or RefundWhere()
    return RefundFilter(
        states=given.refund_states,
        reasons=given.refund_reasons,
        awaits_transfer=given.awaits_transfer,
        created_from=given.granted_from,
        created_before=given.granted_before,
    )

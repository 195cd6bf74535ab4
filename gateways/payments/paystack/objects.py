"""Objects of Paystack as the services know them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gateways.payments.gateway import (
    DisputeLine,
    DisputeStatus,
    MoneyStatus,
    ProviderDispute,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
    SavedMethod,
)
from gateways.payments.paystack.units import from_paystack

PAYMENTS = {
    "success": MoneyStatus.SUCCEEDED,
    "reversed": MoneyStatus.SUCCEEDED,  # paid, and given back in full
    "failed": MoneyStatus.FAILED,
    "abandoned": MoneyStatus.NEEDS_METHOD,
    "ongoing": MoneyStatus.NEEDS_ACTION,
}
REFUNDS = {"processed": MoneyStatus.SUCCEEDED, "failed": MoneyStatus.FAILED}
TRANSFERS = {
    "success": MoneyStatus.SUCCEEDED,
    "failed": MoneyStatus.FAILED,
    "reversed": MoneyStatus.FAILED,
    "rejected": MoneyStatus.FAILED,
    "abandoned": MoneyStatus.FAILED,
    "blocked": MoneyStatus.FAILED,
}
DISPUTES = {
    "awaiting-bank-feedback": DisputeStatus.UNDER_REVIEW,
    "awaiting-merchant-feedback": DisputeStatus.NEEDS_RESPONSE,
    "pending": DisputeStatus.NEEDS_RESPONSE,
}
Json = Mapping[str, Any]


def payment(given: Json, *, redirect_url: str | None = None) -> ProviderPayment:
    currency = str(given["currency"])
    amount = from_paystack(given.get("requested_amount") or given["amount"], currency)
    status = PAYMENTS.get(given["status"], MoneyStatus.PENDING)
    paid = from_paystack(given["amount"], currency) if status is MoneyStatus.SUCCEEDED else 0
    failed = status is MoneyStatus.FAILED
    authorization = given.get("authorization") or {}
    reusable = authorization.get("authorization_code") if authorization.get("reusable") else None
    return ProviderPayment(
        reference=given["reference"],
        payment_id=our_id(given.get("metadata"), "payment_id"),
        status=status,
        amount=amount,
        currency=currency,
        captured=paid,
        refunded=paid if given["status"] == "reversed" else 0,
        fee=from_paystack(given["fees"], currency) if given.get("fees") is not None else None,
        redirect_url=redirect_url,
        keeps_page=status in {MoneyStatus.NEEDS_METHOD, MoneyStatus.NEEDS_ACTION},
        error=given.get("gateway_response") if failed else None,
        customer=(given.get("customer") or {}).get("customer_code"),
        method=reusable,
        card=authorization.get("signature") if status is MoneyStatus.SUCCEEDED else None,
    )


def refund(given: Json, payment_reference: str) -> ProviderRefund:
    """Return a refund. Our id is in the note of the merchant: Paystack has no other place."""
    currency = str(given["currency"])
    return ProviderRefund(
        reference=str(given["id"]),
        refund_part_id=_uuid(given.get("merchant_note")),
        payment_reference=payment_reference,
        status=REFUNDS.get(given["status"], MoneyStatus.PENDING),
        amount=from_paystack(given["amount"], currency),
        currency=currency,
        error="failed" if given["status"] == "failed" else None,
    )


def payout(given: Json) -> ProviderPayout:
    currency = str(given["currency"])
    failures = given.get("failures")
    return ProviderPayout(
        reference=given["reference"],
        payout_id=_uuid(given["reference"]),
        status=TRANSFERS.get(given["status"], MoneyStatus.PENDING),
        amount=from_paystack(given["amount"], currency),
        currency=currency,
        error=given["status"] if failures or given["status"] in TRANSFERS else None,
    )


def dispute(given: Json) -> ProviderDispute:
    """Return a dispute. Paystack takes the money when it is accepted or lost, and not before."""
    currency = given.get("currency") or given["transaction"]["currency"]
    resolution = given.get("resolution")
    ended = DisputeStatus.WON if resolution == "declined" else DisputeStatus.LOST
    status = DISPUTES.get(given["status"], ended)
    amount = from_paystack(given["refund_amount"] or given["transaction"]["amount"], currency)
    lost = [DisputeLine(dispute_line(given), -amount)]
    return ProviderDispute(
        reference=str(given["id"]),
        payment_reference=given["transaction"]["reference"],
        status=status,
        amount=amount,
        currency=currency,
        reason=given.get("category") or "chargeback",
        due_at=moment(given["dueAt"]) if given.get("dueAt") else None,
        is_refundable=given["status"] in DISPUTES,
        is_answered=status is not DisputeStatus.NEEDS_RESPONSE,
        bookings=lost if status is DisputeStatus.LOST else (),
    )


def dispute_line(given: Json) -> str:
    """Return the name of the line by which the money of a dispute leaves. Paystack has none."""
    return f"dispute-{given['id']}"


def method(given: Json, customer: str) -> SavedMethod:
    return SavedMethod(
        reference=given["authorization_code"],
        customer=customer,
        brand=given.get("brand") or given.get("card_type") or "",
        last4=given["last4"],
        expires_month=int(given["exp_month"]) if given.get("exp_month") else None,
        expires_year=int(given["exp_year"]) if given.get("exp_year") else None,
    )


def our_id(metadata: Any, name: str) -> UUID | None:
    """Return one of our ids in the metadata, which can be text, or missing."""
    if isinstance(metadata, str):
        try:
            metadata = json.loads(metadata)
        except ValueError:
            return None
    return _uuid(metadata.get(name)) if isinstance(metadata, dict) else None


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def moment(text: str) -> datetime:
    """Return a time of Paystack, which is in UTC if it has no zone."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)

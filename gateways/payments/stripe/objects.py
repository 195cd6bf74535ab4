"""Objects of Stripe as the services know them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from gateways.payments.gateway import (
    BalanceTransaction,
    DisputeLine,
    DisputeStatus,
    EventObject,
    MoneyStatus,
    ProviderAccount,
    ProviderDispute,
    ProviderEvent,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
    SavedMethod,
)
from gateways.payments.stripe.units import from_stripe

PAYMENTS = {
    "requires_payment_method": MoneyStatus.NEEDS_METHOD,
    "requires_confirmation": MoneyStatus.NEEDS_METHOD,
    "requires_action": MoneyStatus.NEEDS_ACTION,
    "processing": MoneyStatus.PENDING,
    "requires_capture": MoneyStatus.PENDING,
    "succeeded": MoneyStatus.SUCCEEDED,
    "canceled": MoneyStatus.CANCELLED,
}
REFUNDS = {
    "succeeded": MoneyStatus.SUCCEEDED,
    "failed": MoneyStatus.FAILED,
    "canceled": MoneyStatus.CANCELLED,
}
PAYOUTS = {
    "paid": MoneyStatus.SUCCEEDED,
    "failed": MoneyStatus.FAILED,
    "canceled": MoneyStatus.FAILED,
}
DISPUTES = {
    "warning_needs_response": DisputeStatus.WARNING,
    "warning_under_review": DisputeStatus.WARNING,
    "warning_closed": DisputeStatus.WON,  # the buyer asked, and no money was taken
    "prevented": DisputeStatus.WON,
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}
TRANSACTIONS = {
    "charge": "PAYMENT",
    "payment": "PAYMENT",
    "payment_refund": "REFUND",
    "payment_failure_refund": "REFUND",
    "refund": "REFUND",
    "refund_failure": "REFUND",
    "payout": "PAYOUT",
    "payout_cancel": "PAYOUT",
    "payout_failure": "PAYOUT",
    "transfer": "TRANSFER",
    "transfer_cancel": "TRANSFER",
    "transfer_failure": "TRANSFER",
    "transfer_refund": "TRANSFER",
    "stripe_fee": "FEE",
    "stripe_fx_fee": "FEE",
    "tax_fee": "FEE",
}
# The objects of notifications, by the beginning of their names.
ABOUT = (
    ("payment_intent.", EventObject.PAYMENT),
    ("refund.", EventObject.REFUND),
    ("charge.refund.", EventObject.REFUND),
    ("charge.dispute.", EventObject.DISPUTE),
    ("account.updated", EventObject.ACCOUNT),
    ("payout.", EventObject.PAYOUT),
)
# Those of vendors' accounts are none of ours, and the platform's key cannot fetch them.
OF_PLATFORM = frozenset({EventObject.PAYMENT, EventObject.REFUND, EventObject.DISPUTE})
PAYMENT_ID, REFUND_PART_ID, PAYOUT_ID, TRANSFER = (
    "payment_id",
    "refund_part_id",
    "payout_id",
    "transfer",
)


def id_of(value: Any) -> str:
    """Return the id of an object that may be expanded."""
    return value if isinstance(value, str) else str(value.id)


def our_id(metadata: stripe.StripeObject | None, name: str) -> UUID | None:
    """Return one of our ids in an object's metadata, None if another program wrote it."""
    try:
        return UUID(metadata[name]) if metadata and name in metadata else None
    except ValueError:
        return None


def payment(intent: stripe.PaymentIntent, *, pay_page: str | None) -> ProviderPayment:
    """Return a payment. `pay_page` shows a card form, for intents that need a method."""
    currency = intent.currency.upper()
    status = PAYMENTS[intent.status]
    charge = intent.latest_charge
    paid = charge if isinstance(charge, stripe.Charge) and charge.paid else None
    booked = paid.balance_transaction if paid else None
    action = intent.next_action.redirect_to_url if intent.next_action else None
    redirect_url = action.url if action else None
    if status is MoneyStatus.NEEDS_METHOD and pay_page:
        redirect_url = f"{pay_page}/{intent.client_secret}"
    error = intent.last_payment_error
    return ProviderPayment(
        reference=intent.id,
        payment_id=our_id(intent.metadata, PAYMENT_ID),
        status=status,
        amount=from_stripe(intent.amount, currency),
        currency=currency,
        captured=from_stripe(intent.amount_received, currency),
        refunded=from_stripe(paid.amount_refunded, currency) if paid else 0,
        fee=_fee(booked, currency),
        client_secret=intent.client_secret,
        redirect_url=redirect_url,
        error=_optional(error, "decline_code") or _optional(error, "code"),
        customer=id_of(intent.customer) if intent.customer else None,
        method=id_of(intent.payment_method) if intent.payment_method else None,
        card=_fingerprint(paid) if paid else None,
    )


def _fingerprint(charge: stripe.Charge) -> str | None:
    """Return that of the card, which wallets such as Apple Pay have too."""
    details = charge.payment_method_details
    return _optional(details.card, "fingerprint") if details and "card" in details else None


def _optional(given: stripe.StripeObject | None, name: str) -> str | None:
    """Return a member that Stripe leaves out where it has no value."""
    return given[name] if given is not None and name in given else None


def _fee(booked: Any, currency: str) -> int | None:
    """Return the fee, unless the provider converts the money into another currency."""
    if isinstance(booked, stripe.BalanceTransaction) and booked.currency.upper() == currency:
        return from_stripe(booked.fee, currency)
    return None


def refund(given: stripe.Refund) -> ProviderRefund:
    currency = given.currency.upper()
    return ProviderRefund(
        reference=given.id,
        refund_part_id=our_id(given.metadata, REFUND_PART_ID),
        payment_reference=id_of(given.payment_intent) if given.payment_intent else "",
        status=REFUNDS.get(given.status or "", MoneyStatus.PENDING),
        amount=from_stripe(given.amount, currency),
        currency=currency,
        error=_optional(given, "failure_reason"),
    )


def dispute(given: stripe.Dispute) -> ProviderDispute:
    currency = given.currency.upper()
    due = given.evidence_details.due_by
    return ProviderDispute(
        reference=given.id,
        payment_reference=id_of(given.payment_intent) if given.payment_intent else "",
        status=DISPUTES[given.status],
        amount=from_stripe(given.amount, currency),
        currency=currency,
        reason=given.reason,
        due_at=_time(due) if due else None,
        is_refundable=given.is_charge_refundable,
        is_answered=not given.status.endswith("needs_response"),
        bookings=[
            DisputeLine(one.id, from_stripe(one.amount, currency), from_stripe(one.fee, currency))
            for one in given.balance_transactions
        ],
    )


def method(given: stripe.PaymentMethod) -> SavedMethod | None:
    """Return a saved card, None for other methods."""
    if not (given.card and given.customer):
        return None
    return SavedMethod(
        reference=given.id,
        customer=id_of(given.customer),
        brand=given.card.brand,
        last4=given.card.last4,
        expires_month=given.card.exp_month,
        expires_year=given.card.exp_year,
    )


def account(given: stripe.Account) -> ProviderAccount:
    capabilities, due = given.capabilities, given.requirements
    banks = given.external_accounts
    last4 = banks.data[0].last4 if banks and banks.data else None
    takes_transfers = bool(capabilities and capabilities.transfers == "active")
    return ProviderAccount(
        reference=given.id,
        can_receive=takes_transfers and bool(given.payouts_enabled),
        missing=tuple((due.currently_due if due else None) or ()),
        last4=last4,
    )


def payout(transfer: stripe.Transfer, given: stripe.Payout | None) -> ProviderPayout:
    """Return a payout: a transfer to the vendor's account, and its payout from there."""
    currency = transfer.currency.upper()
    status = PAYOUTS.get(given.status, MoneyStatus.PENDING) if given else MoneyStatus.PENDING
    return ProviderPayout(
        reference=transfer.id,
        payout_id=our_id(transfer.metadata, PAYOUT_ID),
        status=MoneyStatus.FAILED if transfer.reversed else status,
        amount=from_stripe(transfer.amount, currency),
        currency=currency,
        error=_optional(given, "failure_code"),
    )


def transaction(given: stripe.BalanceTransaction) -> BalanceTransaction:
    """Return a line of the books. Its source must be expanded."""
    currency = given.currency.upper()
    source = given.source
    kind = TRANSACTIONS.get(given.type, "OTHER")
    if given.type == "adjustment" and isinstance(source, stripe.Dispute):
        kind = "DISPUTE"
    return BalanceTransaction(
        reference=given.id,
        kind=kind,
        amount=from_stripe(given.amount, currency),
        fee=from_stripe(given.fee, currency),
        net=from_stripe(given.net, currency),
        currency=currency,
        source=_source(source),
        created_at=_time(given.created),
        available_at=_time(given.available_on),
    )


def _source(source: Any) -> str:
    """Return what the services know: a payment instead of its charge, and so on."""
    if source is None:
        return ""
    if isinstance(source, stripe.Charge) and source.payment_intent:
        return id_of(source.payment_intent)
    if isinstance(source, stripe.TransferReversal):
        return id_of(source.transfer)
    return id_of(source)


def event(given: Mapping[str, Any]) -> ProviderEvent:
    """Return a notification from its JSON. Of the object, only the id and our metadata are read."""
    kind, subject = str(given["type"]), given["data"]["object"]
    vendor = given.get("account")
    about = next((one for start, one in ABOUT if kind.startswith(start)), EventObject.OTHER)
    reference = subject.get("id", "")
    if vendor and about in OF_PLATFORM:
        about = EventObject.OTHER
    if about is EventObject.PAYOUT:
        # Payouts of ours follow on a transfer. Others go from the platform to its own bank.
        reference = (subject.get("metadata") or {}).get(TRANSFER, "")
        about = about if vendor and reference else EventObject.OTHER
        reference = reference or subject.get("id", "")
    return ProviderEvent(
        id=str(given["id"]),
        kind=kind,
        about=about,
        reference=str(reference),
        created_at=_time(given["created"]),
        account=str(vendor) if vendor else None,
    )


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""Refunds of the Paystack face: pending, processed, or failed."""

from pydantic import BaseModel

from payments_stand_in.paystack import transactions
from payments_stand_in.paystack.calls import (
    ACCOUNT,
    PaystackAnswer,
    PaystackCall,
    PaystackRefused,
    listing,
)
from payments_stand_in.paystack.objects import add, moment
from payments_stand_in.paystack.webhooks import emit
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json

KIND = "refund"
ENDED = frozenset({"failed"})


class RefundParams(BaseModel):
    """Parameters of a refund. Paystack has no reference of ours in it, but a note."""

    transaction: str | int
    amount: int | None = None
    currency: str | None = None
    customer_note: str | None = None
    merchant_note: str | None = None


def create(call: PaystackCall) -> PaystackAnswer:
    given = RefundParams.model_validate(call.body)
    stand_in = call.stand_in
    paid = transactions.of_id(stand_in, str(given.transaction))
    if paid["status"] != "success":
        raise PaystackRefused("Transaction has not been paid", "transaction_not_paid")
    left = paid["amount"] - sum(
        one["amount"]
        for one in stand_in.store.newest(f"paystack_{KIND}")
        if one["transaction"] == paid["id"] and one["status"] not in ENDED
    )
    amount = left if given.amount is None else given.amount
    if left == 0:
        raise PaystackRefused("Transaction has been fully reversed", "transaction_reversed")
    if not 0 < amount <= left:
        raise PaystackRefused(
            "Refund amount cannot be more than the transaction", "amount_too_large"
        )
    if stand_in.funds.available(paid["currency"].lower(), ACCOUNT) < amount:
        raise PaystackRefused("Insufficient balance for the refund", "insufficient_balance")
    refund = add(
        stand_in,
        KIND,
        amount=amount,
        currency=paid["currency"],
        customer_note=given.customer_note,
        deducted_amount=amount,
        merchant_note=given.merchant_note,
        status="pending",
        transaction=paid["id"],
        _reference=paid["reference"],
    )
    stand_in.funds.book(
        -amount, paid["currency"].lower(), "refund", str(refund["id"]), account=ACCOUNT
    )
    _emit(stand_in, refund)
    if not stand_in.controls.faults.pending_refunds:
        settle(stand_in, refund)
    return PaystackAnswer("Refund has been queued for processing", {**refund, "transaction": paid})


def settle(stand_in: StandIn, refund: Json) -> None:
    if refund["status"] != "pending":
        raise PaystackRefused(f"This refund is {refund['status']}.")
    refund.update(status="processed", updatedAt=moment())
    _emit(stand_in, refund)


def fail(stand_in: StandIn, refund: Json) -> None:
    """Give the money of a refund back to us, also of one that was processed."""
    if refund["status"] in ENDED:
        raise PaystackRefused("This refund has failed before.")
    refund.update(status="failed", updatedAt=moment())
    amount, currency = refund["amount"], refund["currency"].lower()
    stand_in.funds.book(amount, currency, "refund_failure", str(refund["id"]), account=ACCOUNT)
    _emit(stand_in, refund)


def fetch(call: PaystackCall) -> PaystackAnswer:
    return PaystackAnswer(
        "Refund retrieved", call.find(KIND, "Refund not found", "refund_not_found")
    )


def list_all(call: PaystackCall) -> PaystackAnswer:
    wanted = call.query.get("transaction")
    return listing(call, KIND, lambda one: wanted in {None, str(one["transaction"])})


def _emit(stand_in: StandIn, refund: Json) -> None:
    """Notify without the refund's id, as Paystack does."""
    data = {
        "status": refund["status"],
        "transaction_reference": refund["_reference"],
        "refund_reference": None,
        "amount": str(refund["amount"]),
        "currency": refund["currency"],
        "domain": "test",
    }
    emit(stand_in, f"refund.{refund['status']}", data)

"""Settlements of the Paystack face: the money of transactions goes to our bank."""

from payments_stand_in.paystack.calls import (
    ACCOUNT,
    PaystackAnswer,
    PaystackCall,
    PaystackRefused,
    listing,
)
from payments_stand_in.paystack.objects import add, moment
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json

KIND = "settlement"


def settle(stand_in: StandIn, currency: str) -> Json:
    """Send the money of all transactions that were not settled, less their fees, to the bank."""
    due = [
        one
        for one in stand_in.store.newest("paystack_transaction")
        if one["status"] == "success" and one["currency"] == currency and "_settled" not in one
    ]
    if not due:
        raise PaystackRefused("There is nothing to settle.")
    total, fees = sum(one["amount"] for one in due), sum(one["fees"] for one in due)
    net = min(total - fees, stand_in.funds.available(currency.lower(), ACCOUNT))
    settlement = add(
        stand_in,
        KIND,
        currency=currency,
        effective_amount=net,
        settlement_date=moment(),
        status="success",
        total_amount=net,
        total_fees=fees,
        total_processed=total,
        _transactions=[one["reference"] for one in due],
    )
    for one in due:
        one["_settled"] = settlement["id"]
    stand_in.funds.book(-net, currency.lower(), "payout", str(settlement["id"]), account=ACCOUNT)
    return settlement


def list_all(call: PaystackCall) -> PaystackAnswer:
    return listing(call, KIND)


def list_transactions(call: PaystackCall) -> PaystackAnswer:
    settlement = call.find(KIND, "Settlement not found", "settlement_not_found")
    kept = set(settlement["_transactions"])
    return listing(call, "transaction", lambda one: one["reference"] in kept)

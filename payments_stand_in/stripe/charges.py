"""Charges: the money of payment intents that succeeded, with the provider's fee."""

from stripe.params import ChargeListParams, ChargeRetrieveParams

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.cards import BY_NAME
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.lists import listing

FEE_BASIS_POINTS = 290
FEE_FIXED = 30


def fee_of(amount: int) -> int:
    """Return 2.9 % and 30 minor units, half up."""
    return (amount * FEE_BASIS_POINTS + 5000) // 10_000 + FEE_FIXED


def charge(stand_in: StandIn, intent: Json, method: Json) -> Json:
    """Take the money of an intent."""
    card = BY_NAME.get(method["_card"] or "")
    made = _add(stand_in, intent, method, paid=True)
    waits = stand_in.controls.faults.pending_funds and not (card and card.funds_at_once)
    booked = stand_in.funds.book(
        intent["amount"],
        intent["currency"],
        "charge",
        made["id"],
        fee=fee_of(intent["amount"]),
        pending=waits,
    )
    made["balance_transaction"] = booked["id"]
    return made


def decline(stand_in: StandIn, intent: Json, method: Json, code: str, reason: str | None) -> Json:
    """Record a charge that the bank declined."""
    failed = _add(stand_in, intent, method, paid=False)
    failed.update(failure_code=code, failure_message="Your card was declined.")
    failed["outcome"] = {"network_status": "declined_by_network", "reason": reason}
    emit(stand_in, "charge.failed", failed)
    return failed


def retrieve(call: StripeCall, _: ChargeRetrieveParams) -> Json:
    return call.stand_in.store.get("charge", call.id)


def list_all(call: StripeCall, params: ChargeListParams) -> Json:
    intent, group = params.get("payment_intent"), params.get("transfer_group")
    return listing(
        call,
        "charge",
        params,
        lambda one: (
            intent in {None, one["payment_intent"]} and group in {None, one["transfer_group"]}
        ),
    )


def _add(stand_in: StandIn, intent: Json, method: Json, *, paid: bool) -> Json:
    return stand_in.store.add(
        "charge",
        "ch",
        amount=intent["amount"],
        amount_captured=intent["amount"] if paid else 0,
        amount_refunded=0,
        balance_transaction=None,
        captured=paid,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        dispute=None,
        disputed=False,
        failure_code=None,
        failure_message=None,
        metadata=dict(intent["metadata"]),
        paid=paid,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"type": method["type"], method["type"]: method[method["type"]]},
        refunded=False,
        status="succeeded" if paid else "failed",
        transfer_group=intent["transfer_group"],
    )

"""Refunds: at once, later, or failed after they succeeded."""

from stripe.params import RefundCreateParams, RefundListParams, RefundRetrieveParams

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.cards import BY_NAME
from payments_stand_in.stripe.currencies import WHOLE, check_units
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.lists import listing_of_payment
from payments_stand_in.stripe.refusals import Refused, invalid

KIND = "refund"


def create(call: StripeCall, params: RefundCreateParams) -> Json:
    stand_in, charge = call.stand_in, _charge_of(call, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    _check(charge, amount, left)
    card = BY_NAME.get(
        stand_in.store.get("payment_method", charge["payment_method"])["_card"] or ""
    )
    waits = stand_in.controls.faults.pending_refunds or (card and card.refunds == "pending")
    refund = stand_in.store.add(
        KIND,
        "re",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        failure_reason=None,
        metadata=params.get("metadata") or {},
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        status="pending" if waits else "succeeded",
    )
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    booked = stand_in.funds.book(-amount, refund["currency"], "refund", refund["id"])
    refund["balance_transaction"] = booked["id"]
    emit(stand_in, "refund.created", refund)
    emit(stand_in, "charge.refunded", charge)
    if card and card.refunds == "failed":
        fail(stand_in, refund)
    return refund


def settle(stand_in: StandIn, refund: Json) -> None:
    """Let a pending refund reach the buyer."""
    if refund["status"] != "pending":
        raise Refused("refund_unexpected_state", f"This refund is {refund['status']}.")
    refund["status"] = "succeeded"
    emit(stand_in, "refund.updated", refund)
    emit(stand_in, "charge.refund.updated", refund)


def fail(stand_in: StandIn, refund: Json, reason: str = "expired_or_canceled_card") -> None:
    """Let a refund come back, also one that succeeded before."""
    if refund["status"] not in {"pending", "succeeded"}:
        raise Refused("refund_unexpected_state", f"This refund is {refund['status']}.")
    refund.update(status="failed", failure_reason=reason)
    charge = stand_in.store.get("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    booked = stand_in.funds.book(
        refund["amount"], refund["currency"], "refund_failure", refund["id"]
    )
    refund["failure_balance_transaction"] = booked["id"]
    emit(stand_in, "refund.updated", refund)
    emit(stand_in, "refund.failed", refund)
    emit(stand_in, "charge.refund.updated", refund)


def retrieve(call: StripeCall, _: RefundRetrieveParams) -> Json:
    return call.stand_in.store.get(KIND, call.id)


def list_all(call: StripeCall, params: RefundListParams) -> Json:
    return listing_of_payment(call, KIND, params)


def _charge_of(call: StripeCall, params: RefundCreateParams) -> Json:
    store = call.stand_in.store
    if "charge" in params:
        return store.get("charge", params["charge"])
    if "payment_intent" not in params:
        text = "One of the following params should be provided: payment_intent or charge."
        raise invalid("payment_intent", "parameter_missing", text)
    intent = store.get("payment_intent", params["payment_intent"])
    if intent["status"] != "succeeded":
        text = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise Refused("payment_intent_unexpected_state", text)
    return store.get("charge", intent["latest_charge"])


def _check(charge: Json, amount: int, left: int) -> None:
    if charge["disputed"] and not charge.get("_refundable"):
        raise Refused("charge_disputed", f"Charge {charge['id']} has been charged back.")
    if left == 0:
        text = f"Charge {charge['id']} has already been refunded."
        raise Refused("charge_already_refunded", text)
    if amount < 1:
        raise invalid("amount", "parameter_invalid_integer", "This value must be at least 1.")
    if amount > left:
        text = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})."
        raise Refused("amount_too_large", text, param="amount")
    check_units(amount, charge["currency"], WHOLE)

"""Disputes: the buyer's bank takes the money of a charge, and may give it back."""

import time

from stripe.params import (
    DisputeCloseParams,
    DisputeListParams,
    DisputeRetrieveParams,
    DisputeUpdateParams,
)

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.files import check_evidence
from payments_stand_in.stripe.lists import listing_of_payment
from payments_stand_in.stripe.refusals import Refused

KIND = "dispute"
FEE = 1500
SECONDS_TO_ANSWER = 7 * 86_400
OPEN = frozenset(
    {"needs_response", "warning_needs_response", "under_review", "warning_under_review"}
)
# Evidence of this text ends a dispute at once, as in Stripe's test mode.
WINNING, LOSING = "winning_evidence", "losing_evidence"


def open_dispute(
    stand_in: StandIn,
    charge: Json,
    *,
    reason: str = "fraudulent",
    amount: int | None = None,
    inquiry: bool = False,
) -> Json:
    """Open a dispute, or an inquiry, which takes no money yet."""
    dispute = stand_in.store.add(
        KIND,
        "dp",
        amount=charge["amount"] if amount is None else amount,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        evidence={},
        evidence_details={
            "due_by": int(time.time()) + SECONDS_TO_ANSWER,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=inquiry,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="warning_needs_response" if inquiry else "needs_response",
    )
    charge.update(disputed=True, dispute=dispute["id"], _refundable=inquiry)
    if not inquiry:
        _book(stand_in, dispute, -dispute["amount"], FEE)
    emit(stand_in, "charge.dispute.created", dispute)
    if not inquiry:
        emit(stand_in, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def escalate(stand_in: StandIn, dispute: Json) -> None:
    """Make a dispute of an inquiry: the bank takes the money."""
    if not dispute["status"].startswith("warning"):
        raise Refused(None, f"This dispute is {dispute['status']}.")
    dispute.update(status="needs_response", is_charge_refundable=False)
    stand_in.store.get("charge", dispute["charge"])["_refundable"] = False
    _book(stand_in, dispute, -dispute["amount"], FEE)
    emit(stand_in, "charge.dispute.updated", dispute)
    emit(stand_in, "charge.dispute.funds_withdrawn", dispute)


def close(stand_in: StandIn, dispute: Json, *, won: bool, fee_back: int = 0) -> None:
    """End a dispute. One that is won brings the money back, and of the fee what is given."""
    if dispute["status"] not in OPEN:
        raise Refused("dispute_closed", f"This dispute is {dispute['status']}.")
    took_money = bool(dispute["balance_transactions"])
    dispute["status"] = ("won" if won else "lost") if took_money else "warning_closed"
    if won and took_money:
        _book(stand_in, dispute, dispute["amount"], -fee_back)
        emit(stand_in, "charge.dispute.funds_reinstated", dispute)
    emit(stand_in, "charge.dispute.closed", dispute)


def reinstate(
    stand_in: StandIn, dispute: Json, *, amount: int, fee_back: int = 0, status: str = "won"
) -> None:
    """Give money of a lost dispute back. Its status can stay: some banks only return the money."""
    if dispute["status"] != "lost":
        raise Refused(None, f"This dispute is {dispute['status']}.")
    dispute["status"] = status
    _book(stand_in, dispute, amount, -fee_back)
    emit(stand_in, "charge.dispute.funds_reinstated", dispute)
    emit(stand_in, "charge.dispute.updated", dispute)


def lose_again(stand_in: StandIn, dispute: Json) -> None:
    """Take the money of a won dispute again, as arbitration can decide."""
    if dispute["status"] != "won":
        raise Refused(None, f"This dispute is {dispute['status']}.")
    dispute["status"] = "lost"
    _book(stand_in, dispute, -dispute["amount"], 0)
    emit(stand_in, "charge.dispute.funds_withdrawn", dispute)
    emit(stand_in, "charge.dispute.closed", dispute)


def charge_fee(stand_in: StandIn, dispute: Json, fee: int) -> None:
    """Take a fee later, or give it back if it is negative."""
    _book(stand_in, dispute, 0, fee)
    emit(stand_in, "charge.dispute.updated", dispute)


def retrieve(call: StripeCall, _: DisputeRetrieveParams) -> Json:
    return call.stand_in.store.get(KIND, call.id)


def list_all(call: StripeCall, params: DisputeListParams) -> Json:
    return listing_of_payment(call, KIND, params)


def update(call: StripeCall, params: DisputeUpdateParams) -> Json:
    """Keep evidence, and send it to the bank if `submit` is true, which is the default."""
    dispute = call.stand_in.store.get(KIND, call.id)
    if dispute["status"] not in OPEN:
        raise Refused("dispute_closed", "This dispute is already closed.")
    evidence = params.get("evidence") or {}
    check_evidence(call, {**evidence})
    dispute["evidence"] |= evidence
    dispute["metadata"] |= params.get("metadata") or {}
    dispute["evidence_details"]["has_evidence"] = bool(dispute["evidence"])
    if params.get("submit", True) and evidence:
        warning = "warning_" if dispute["status"].startswith("warning") else ""
        dispute["status"] = f"{warning}under_review"
        dispute["evidence_details"]["submission_count"] += 1
    emit(call.stand_in, "charge.dispute.updated", dispute)
    text = dispute["evidence"].get("uncategorized_text")
    if text in {WINNING, LOSING} and dispute["status"] in OPEN:
        close(call.stand_in, dispute, won=text == WINNING)
    return dispute


def accept(call: StripeCall, _: DisputeCloseParams) -> Json:
    dispute = call.stand_in.store.get(KIND, call.id)
    close(call.stand_in, dispute, won=False)
    return dispute


def _book(stand_in: StandIn, dispute: Json, amount: int, fee: int) -> None:
    booked = stand_in.funds.book(amount, dispute["currency"], "adjustment", dispute["id"], fee=fee)
    dispute["balance_transactions"].append(booked)

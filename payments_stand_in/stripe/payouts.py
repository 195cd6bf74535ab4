"""Payouts from a balance to a bank account: the platform's, or that of a connected account."""

import asyncio

from stripe.params import (
    PayoutCancelParams,
    PayoutCreateParams,
    PayoutListParams,
    PayoutRetrieveParams,
)

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.currencies import WHOLE_PAYOUTS, check_currency, check_units
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.lists import listing
from payments_stand_in.stripe.refusals import Refused, invalid

KIND = "payout"
PAID_AFTER_SECONDS = 1.0
# Bank accounts whose payouts fail, by their last digits, as in Stripe's test mode.
FAILING = {"1116": "no_account", "1113": "account_closed", "2227": "account_closed"}


def create(call: StripeCall, params: PayoutCreateParams) -> Json:
    stand_in, account = call.stand_in, call.account
    amount, currency = params["amount"], params["currency"]
    check_currency(currency)
    check_units(amount, currency, WHOLE_PAYOUTS)
    if amount < 1:
        raise invalid("amount", "parameter_invalid_integer", "This value must be at least 1.")
    if account and not stand_in.store.get("account", account)["payouts_enabled"]:
        text = "Cannot create payouts: this account has requirements that need to be collected."
        raise Refused("payouts_not_allowed", text)
    if stand_in.funds.available(currency, account) < amount:
        text = "You have insufficient funds in your Stripe account for this transfer."
        raise Refused("balance_insufficient", text)
    payout = stand_in.store.add(
        KIND,
        "po",
        amount=amount,
        automatic=False,
        currency=currency,
        description=params.get("description"),
        failure_code=None,
        failure_message=None,
        metadata=params.get("metadata") or {},
        method="standard",
        status="pending",
        type="bank_account",
        _account=account,
    )
    booked = stand_in.funds.book(-amount, currency, "payout", payout["id"], account=account)
    payout["balance_transaction"] = booked["id"]
    emit(stand_in, "payout.created", payout, account)
    if stand_in.controls.faults.automatic_payouts:
        loop = asyncio.get_running_loop()
        loop.call_later(PAID_AFTER_SECONDS, lambda: _end(stand_in, payout))
    return payout


def pay(stand_in: StandIn, payout: Json) -> None:
    """Let a payout arrive."""
    if payout["status"] not in {"pending", "in_transit"}:
        raise Refused("payout_unexpected_state", f"This payout is {payout['status']}.")
    payout["status"] = "paid"
    emit(stand_in, "payout.paid", payout, payout["_account"])


def fail(stand_in: StandIn, payout: Json, code: str = "account_closed") -> None:
    """Let a payout come back, also one that was paid. The account cannot get others."""
    if payout["status"] not in {"pending", "in_transit", "paid"}:
        raise Refused("payout_unexpected_state", f"This payout is {payout['status']}.")
    payout.update(status="failed", failure_code=code, failure_message="The bank returned it.")
    booked = stand_in.funds.book(
        payout["amount"],
        payout["currency"],
        "payout_failure",
        payout["id"],
        account=payout["_account"],
    )
    payout["failure_balance_transaction"] = booked["id"]
    emit(stand_in, "payout.failed", payout, payout["_account"])


def cancel(call: StripeCall, _: PayoutCancelParams) -> Json:
    payout = call.stand_in.store.get(KIND, call.id)
    if payout["status"] != "pending":
        raise Refused("payout_unexpected_state", f"This payout is {payout['status']}.")
    payout["status"] = "canceled"
    call.stand_in.funds.book(
        payout["amount"], payout["currency"], "payout_cancel", payout["id"], account=call.account
    )
    emit(call.stand_in, "payout.canceled", payout, payout["_account"])
    return payout


def retrieve(call: StripeCall, _: PayoutRetrieveParams) -> Json:
    return call.stand_in.store.get(KIND, call.id)


def list_all(call: StripeCall, params: PayoutListParams) -> Json:
    status = params.get("status")
    return listing(call, KIND, params, lambda one: status in {None, one["status"]})


def _end(stand_in: StandIn, payout: Json) -> None:
    if payout["status"] != "pending" or not stand_in.controls.faults.automatic_payouts:
        return
    banks = stand_in.store.find(payout["_account"] or "") or {}
    last4s = [one["last4"] for one in banks.get("external_accounts", {}).get("data", [])]
    failing = next((FAILING[one] for one in last4s if one in FAILING), None)
    if failing:
        fail(stand_in, payout, failing)
    else:
        pay(stand_in, payout)

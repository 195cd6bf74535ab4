"""Transactions of the Paystack face: initialized and paid on a page, or charged again."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from payments_stand_in.paystack import customers
from payments_stand_in.paystack.calls import (
    ACCOUNT,
    PaystackAnswer,
    PaystackCall,
    PaystackRefused,
    listing,
)
from payments_stand_in.paystack.customers import Email
from payments_stand_in.paystack.objects import add, moment
from payments_stand_in.paystack.webhooks import emit
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json, new_id

KIND = "transaction"
REFERENCE = re.compile(r"[A-Za-z0-9.=_-]{1,100}")
Currency = Literal["NGN", "GHS", "ZAR", "KES", "USD", "XOF"]
Amount = Annotated[int, Field(ge=100, le=10**12)]
# Test cards by number: the reason of the decline, if there is one.
CARDS: Mapping[str, str | None] = {
    "4084084084084081": None,
    "5060666666666666666": None,
    "4084080000005408": "Declined",
    "4084080000670037": "Insufficient Funds",
}
CHALLENGED = "challenged"  # addresses that begin so have a bank that asks at each charge
FEES = {"NGN": (150, 10_000, 200_000)}  # basis points, fixed above 2,500 naira, and at most
DEFAULT_FEE = (390, 0, 10**12)
WAIVED_BELOW = 250_000


class NewTransaction(BaseModel):
    """Parameters of a transaction."""

    email: Email
    amount: Amount
    currency: Currency = "NGN"
    reference: str | None = None
    callback_url: str | None = None
    metadata: Json | str | None = None
    authorization_code: str | None = None


def initialize(call: PaystackCall) -> PaystackAnswer:
    made = _add(call.stand_in, NewTransaction.model_validate(call.body))
    return PaystackAnswer("Authorization URL created", _page(call, made))


def _page(call: PaystackCall, made: Json) -> Json:
    return {
        "authorization_url": f"{call.stand_in.address}/paystack/checkout/{made['_access_code']}",
        "access_code": made["_access_code"],
        "reference": made["reference"],
    }


def charge_authorization(call: PaystackCall) -> PaystackAnswer:
    """Charge a card that the customer used before. Some banks ask the customer on a page first."""
    given = NewTransaction.model_validate(call.body)
    customer = customers.of_email(call.stand_in, given.email)
    known = {one["authorization_code"]: one for one in customer["authorizations"]}
    if given.authorization_code not in known:
        text = "Email does not match Authorization code. Please confirm."
        raise PaystackRefused(text, "invalid_authorization")
    made = _add(call.stand_in, given)
    made["authorization"] = authorization = known[given.authorization_code]
    if given.email.startswith(CHALLENGED):
        paused = _page(call, made) | {"paused": True}
        return PaystackAnswer("Please, redirect your customer to the url", paused)
    finish(call.stand_in, made, "Declined" if authorization["_fails"] else None)
    return PaystackAnswer("Charge attempted", made)


def verify(call: PaystackCall) -> PaystackAnswer:
    found = call.find(KIND, "Transaction reference not found.", "transaction_not_found")
    return PaystackAnswer("Verification successful", found)


def fetch(call: PaystackCall) -> PaystackAnswer:
    return PaystackAnswer("Transaction retrieved", of_id(call.stand_in, call.id))


def list_all(call: PaystackCall) -> PaystackAnswer:
    status = call.query.get("status")
    return listing(call, KIND, lambda one: status in {None, one["status"]})


def of_id(stand_in: StandIn, id: str) -> Json:
    """Return a transaction by its number or its reference."""
    for one in stand_in.store.newest(f"paystack_{KIND}"):
        if id in {str(one["id"]), one["reference"]}:
            return one
    raise PaystackRefused("Transaction not found", "transaction_not_found", 404)


def pay(stand_in: StandIn, transaction: Json, number: str) -> None:
    """Pay with a card that was entered on the page."""
    digits = number.replace(" ", "")
    if digits not in CARDS:
        raise PaystackRefused("The stand-in knows the test cards of Paystack alone.")
    if transaction["status"] == "success":
        raise PaystackRefused("This transaction was paid before.")
    reason = CARDS[digits]
    customer = customers.of_email(stand_in, transaction["customer"]["email"])
    # Customers ending in “expires” have cards that decline the next charge.
    fails = customer["email"].startswith("expires")
    transaction["authorization"] = customers.authorize(customer, digits[-4:], fails=fails)
    finish(stand_in, transaction, reason)


def finish(stand_in: StandIn, transaction: Json, reason: str | None) -> None:
    """End a transaction, and take the money unless there is a reason not to."""
    transaction.update(
        status="failed" if reason else "success",
        gateway_response=reason or "Approved",
        message=reason,
        updatedAt=moment(),
    )
    if reason:
        emit(stand_in, "charge.failed", transaction)
        return
    amount, currency = transaction["amount"], transaction["currency"]
    transaction.update(fees=fee_of(amount, currency), paid_at=moment())
    stand_in.funds.book(
        amount,
        currency.lower(),
        "charge",
        transaction["reference"],
        fee=transaction["fees"],
        account=ACCOUNT,
    )
    emit(stand_in, "charge.success", transaction)


def fee_of(amount: int, currency: str) -> int:
    share, fixed, most = FEES.get(currency, DEFAULT_FEE)
    return min((amount * share + 5000) // 10_000 + (fixed if amount >= WAIVED_BELOW else 0), most)


def _add(stand_in: StandIn, given: NewTransaction) -> Json:
    reference = given.reference or new_id("ref")
    if not REFERENCE.fullmatch(reference):
        raise PaystackRefused("Invalid reference", "invalid_params")
    if reference in stand_in.store.kinds.get(f"paystack_{KIND}", {}):
        raise PaystackRefused("Duplicate Transaction Reference", "duplicate_reference")
    customer = customers.of_email(stand_in, given.email)
    shown = {name: customer[name] for name in ("id", "email", "customer_code", "metadata")}
    members: dict[str, Any] = {
        "amount": given.amount,
        "authorization": {},
        "channel": "card",
        "currency": given.currency,
        "customer": shown,
        "fees": None,
        "gateway_response": "The transaction was not completed",
        "message": None,
        "metadata": given.metadata,
        "paid_at": None,
        "reference": reference,
        "requested_amount": given.amount,
        "status": "abandoned",
        "_access_code": new_id("code"),
        "_callback_url": given.callback_url,
    }
    return add(stand_in, KIND, reference, **members)

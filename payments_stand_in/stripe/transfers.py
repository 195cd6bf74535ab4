"""Transfers of the platform's money to accounts, and their reversals."""

from stripe.params import (
    TransferCreateParams,
    TransferCreateReversalParams,
    TransferListParams,
    TransferRetrieveParams,
)

from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.currencies import check_currency
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.lists import listing
from payments_stand_in.stripe.refusals import Refused, invalid

KIND = "transfer"


def create(call: StripeCall, params: TransferCreateParams) -> Json:
    stand_in, currency = call.stand_in, params["currency"]
    account = stand_in.store.get("account", params["destination"])
    amount = params.get("amount", 0)
    check_currency(currency)
    if amount < 1:
        raise invalid("amount", "parameter_invalid_integer", "This value must be at least 1.")
    if account["capabilities"]["transfers"] != "active":
        text = "Your destination account needs to have the transfers capability enabled."
        raise Refused("insufficient_capabilities_for_transfer", text)
    source = params.get("source_transaction")
    if source:
        stand_in.store.get("charge", source)
    elif stand_in.funds.available(currency) < amount:
        text = "You have insufficient available funds in your Stripe account."
        raise Refused("balance_insufficient", text)
    transfer = stand_in.store.add(
        KIND,
        "tr",
        amount=amount,
        amount_reversed=0,
        currency=currency,
        description=params.get("description"),
        destination=account["id"],
        metadata=params.get("metadata") or {},
        reversed=False,
        source_transaction=source,
        transfer_group=params.get("transfer_group"),
    )
    booked = stand_in.funds.book(-amount, currency, "transfer", transfer["id"])
    transfer["balance_transaction"] = booked["id"]
    stand_in.funds.book(amount, currency, "payment", transfer["id"], account=account["id"])
    emit(stand_in, "transfer.created", transfer)
    return transfer


def reverse(call: StripeCall, params: TransferCreateReversalParams) -> Json:
    stand_in = call.stand_in
    transfer = stand_in.store.get(KIND, call.id)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = params.get("amount", left)
    if amount < 1 or amount > left:
        text = "Transfer reversal amount is greater than the unreversed amount on transfer."
        raise Refused(None, text, param="amount")
    account, currency = transfer["destination"], transfer["currency"]
    if stand_in.funds.available(currency, account) < amount:
        text = "The connected account has insufficient funds to reverse this transfer."
        raise Refused("balance_insufficient", text)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    reversal = stand_in.store.add(
        "transfer_reversal",
        "trr",
        amount=amount,
        currency=currency,
        metadata=params.get("metadata") or {},
        transfer=transfer["id"],
    )
    stand_in.funds.book(-amount, currency, "payment_refund", reversal["id"], account=account)
    booked = stand_in.funds.book(amount, currency, "transfer_refund", reversal["id"])
    reversal["balance_transaction"] = booked["id"]
    emit(stand_in, "transfer.reversed", transfer)
    return reversal


def retrieve(call: StripeCall, _: TransferRetrieveParams) -> Json:
    return call.stand_in.store.get(KIND, call.id)


def list_all(call: StripeCall, params: TransferListParams) -> Json:
    group, destination = params.get("transfer_group"), params.get("destination")
    return listing(
        call,
        KIND,
        params,
        lambda one: (
            group in {None, one["transfer_group"]} and destination in {None, one["destination"]}
        ),
    )

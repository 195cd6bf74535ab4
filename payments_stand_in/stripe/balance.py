"""The balance and its transactions."""

from stripe.params import (
    BalanceRetrieveParams,
    BalanceTransactionListParams,
    BalanceTransactionRetrieveParams,
)

from payments_stand_in.funds import KIND
from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.lists import listing


def retrieve(call: StripeCall, _: BalanceRetrieveParams) -> Json:
    funds = call.stand_in.funds
    return {
        "object": "balance",
        "livemode": False,
        **{
            status: [
                {"amount": amount, "currency": currency, "source_types": {"card": amount}}
                for currency, amount in funds.balance(call.account, status).items()
            ]
            for status in ("available", "pending")
        },
    }


def retrieve_transaction(call: StripeCall, _: BalanceTransactionRetrieveParams) -> Json:
    return call.stand_in.store.get(KIND, call.id)


def list_transactions(call: StripeCall, params: BalanceTransactionListParams) -> Json:
    kind, source = params.get("type"), params.get("source")
    return listing(
        call,
        KIND,
        params,
        lambda one: kind in {None, one["type"]} and source in {None, one["source"]},
    )

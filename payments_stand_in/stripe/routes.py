"""The paths of the Stripe face."""

from collections.abc import Callable
from typing import Any

from starlette.routing import Route

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json
from payments_stand_in.stripe import (
    accounts,
    balance,
    charges,
    customers,
    disputes,
    events,
    files,
    intents,
    methods,
    payouts,
    refunds,
    setup_intents,
    transfers,
)
from payments_stand_in.stripe.calls import Operation, StripeCall, endpoint

PAGE = "limit starting_after created"
INTENT = (
    "amount currency automatic_payment_methods capture_method confirm customer description metadata"
    " off_session payment_method payment_method_types receipt_email return_url setup_future_usage"
    " shipping statement_descriptor_suffix transfer_group"
)
CONFIRM = "off_session payment_method return_url setup_future_usage"
SETUP = "confirm customer description metadata payment_method return_url usage"
SETUP_UNUSED = " automatic_payment_methods payment_method_types"
CONFIRM_SETUP = "payment_method return_url"
TRANSFER = "amount currency description destination metadata source_transaction transfer_group"
CUSTOMER = "description email metadata name"
ACCOUNT = (
    "business_profile business_type capabilities controller country default_currency email metadata"
    " settings type"
)
ENDPOINT = "api_version connect description enabled_events metadata url"
Run = Callable[[StripeCall, Any], Json]

# Each with the parameters that the stand-in knows.
OPERATIONS: tuple[tuple[str, str, Run, str], ...] = (
    ("POST", "payment_intents", intents.create, INTENT),
    ("GET", "payment_intents", intents.list_all, f"{PAGE} customer"),
    ("GET", "payment_intents/{id}", intents.retrieve, ""),
    ("POST", "payment_intents/{id}", intents.update, "amount description metadata"),
    ("POST", "payment_intents/{id}/confirm", intents.confirm, CONFIRM),
    ("POST", "payment_intents/{id}/cancel", intents.cancel, "cancellation_reason"),
    ("POST", "setup_intents", setup_intents.create, SETUP + SETUP_UNUSED),
    ("GET", "setup_intents/{id}", setup_intents.retrieve, ""),
    ("POST", "setup_intents/{id}/confirm", setup_intents.confirm, CONFIRM_SETUP),
    ("POST", "setup_intents/{id}/cancel", setup_intents.cancel, "cancellation_reason"),
    ("POST", "payment_methods", methods.create, "type card sepa_debit billing_details metadata"),
    ("GET", "payment_methods", methods.list_all, f"{PAGE} customer type"),
    ("GET", "payment_methods/{id}", methods.retrieve, ""),
    ("POST", "payment_methods/{id}/attach", methods.attach, "customer"),
    ("POST", "payment_methods/{id}/detach", methods.detach, ""),
    ("POST", "customers", customers.create, CUSTOMER),
    ("GET", "customers", customers.list_all, f"{PAGE} email"),
    ("GET", "customers/{id}", customers.retrieve, ""),
    ("POST", "customers/{id}", customers.update, CUSTOMER),
    ("DELETE", "customers/{id}", customers.delete, ""),
    ("GET", "charges", charges.list_all, f"{PAGE} payment_intent transfer_group"),
    ("GET", "charges/{id}", charges.retrieve, ""),
    ("POST", "refunds", refunds.create, "amount charge metadata payment_intent reason"),
    ("GET", "refunds", refunds.list_all, f"{PAGE} charge payment_intent"),
    ("GET", "refunds/{id}", refunds.retrieve, ""),
    ("GET", "disputes", disputes.list_all, f"{PAGE} charge payment_intent"),
    ("GET", "disputes/{id}", disputes.retrieve, ""),
    ("POST", "disputes/{id}", disputes.update, "evidence metadata submit"),
    ("POST", "disputes/{id}/close", disputes.accept, ""),
    ("POST", "files", files.create, "file purpose"),
    ("GET", "files/{id}", files.retrieve, ""),
    ("POST", "accounts", accounts.create, ACCOUNT),
    ("GET", "accounts", accounts.list_all, PAGE),
    ("GET", "accounts/{id}", accounts.retrieve, ""),
    ("POST", "accounts/{id}", accounts.update, "email metadata settings"),
    ("DELETE", "accounts/{id}", accounts.delete, ""),
    ("POST", "account_links", accounts.create_link, "account refresh_url return_url type"),
    ("POST", "transfers", transfers.create, TRANSFER),
    ("GET", "transfers", transfers.list_all, f"{PAGE} destination transfer_group"),
    ("GET", "transfers/{id}", transfers.retrieve, ""),
    ("POST", "transfers/{id}/reversals", transfers.reverse, "amount metadata"),
    ("POST", "payouts", payouts.create, "amount currency description metadata"),
    ("GET", "payouts", payouts.list_all, f"{PAGE} status"),
    ("GET", "payouts/{id}", payouts.retrieve, ""),
    ("POST", "payouts/{id}/cancel", payouts.cancel, ""),
    ("GET", "balance", balance.retrieve, ""),
    ("GET", "balance_transactions", balance.list_transactions, f"{PAGE} source type"),
    ("GET", "balance_transactions/{id}", balance.retrieve_transaction, ""),
    ("GET", "events", events.list_all, f"{PAGE} type types"),
    ("GET", "events/{id}", events.retrieve, ""),
    ("POST", "webhook_endpoints", events.create_endpoint, ENDPOINT),
    ("GET", "webhook_endpoints", events.list_endpoints, PAGE),
    ("DELETE", "webhook_endpoints/{id}", events.delete_endpoint, ""),
)  # fmt: skip

# Operations that clients call with the publishable key.
FOR_CLIENTS: frozenset[Run] = frozenset(
    {
        intents.confirm,
        intents.retrieve,
        methods.create,
        setup_intents.confirm,
        setup_intents.retrieve,
    }
)


def routes(stand_in: StandIn) -> list[Route]:
    return [
        Route(
            f"/v1/{path}",
            endpoint(stand_in, Operation.of(run, supported, for_clients=run in FOR_CLIENTS)),
            methods=[method],
        )
        for method, path, run, supported in OPERATIONS
    ]

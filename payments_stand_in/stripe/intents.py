"""Payment intents: created, confirmed, cancelled."""

from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
    PaymentIntentUpdateParams,
)

from payments_stand_in.store import Json, new_id
from payments_stand_in.stripe import methods
from payments_stand_in.stripe.attempts import attempt
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.currencies import check_charge
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.lists import listing
from payments_stand_in.stripe.refusals import Refused, invalid

KIND = "payment_intent"
CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
CANCELLABLE = CONFIRMABLE | {"processing", "requires_capture"}


def _ensure_valid(call: StripeCall, params: PaymentIntentCreateParams) -> None:
    check_charge(params["amount"], params["currency"])
    if params.get("capture_method") == "manual":
        raise invalid("capture_method", "parameter_unsupported", "The stand-in captures at once.")
    if params.get("off_session") and not params.get("confirm"):
        text = "You cannot set `off_session` unless `confirm` is true."
        raise invalid("off_session", "parameter_invalid", text)
    if customer := params.get("customer"):
        call.stand_in.store.get("customer", customer)


def create(call: StripeCall, params: PaymentIntentCreateParams) -> Json:
    _ensure_valid(call, params)
    customer = params.get("customer")
    method = (
        methods.resolve(call.stand_in, params["payment_method"])
        if params.get("payment_method")
        else None
    )
    if method:
        methods.check_owner(method, customer)
    intent = call.stand_in.store.add(
        KIND,
        "pi",
        amount=params["amount"],
        amount_received=0,
        automatic_payment_methods=params.get("automatic_payment_methods"),
        canceled_at=None,
        cancellation_reason=None,
        capture_method=params.get("capture_method", "automatic_async"),
        confirmation_method="automatic",
        currency=params["currency"],
        customer=customer,
        description=params.get("description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=params.get("metadata") or {},
        next_action=None,
        payment_method=method["id"] if method else None,
        payment_method_types=params.get("payment_method_types", ["card"]),
        receipt_email=params.get("receipt_email"),
        setup_future_usage=params.get("setup_future_usage"),
        shipping=params.get("shipping"),
        statement_descriptor=None,
        statement_descriptor_suffix=params.get("statement_descriptor_suffix"),
        status="requires_confirmation" if method else "requires_payment_method",
        transfer_group=params.get("transfer_group"),
        _return_url=params.get("return_url"),
        _account=call.account,
    )
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('x')[2:]}"
    emit(call.stand_in, "payment_intent.created", intent)
    if params.get("confirm"):
        _confirm(call, intent, method, off_session=bool(params.get("off_session")))
    return intent


def confirm(call: StripeCall, params: PaymentIntentConfirmParams) -> Json:
    intent = call.stand_in.store.get(KIND, call.id)
    call.check_secret(intent)
    if intent["status"] not in CONFIRMABLE:
        raise unexpected(intent, "confirm")
    intent["_return_url"] = params.get("return_url") or intent["_return_url"]
    intent["setup_future_usage"] = params.get("setup_future_usage") or intent["setup_future_usage"]
    chosen = params.get("payment_method") or intent["payment_method"]
    method = methods.resolve(call.stand_in, chosen) if chosen else None
    if method:
        methods.check_owner(method, intent["customer"])
    _confirm(call, intent, method, off_session=bool(params.get("off_session")))
    return intent


def _confirm(call: StripeCall, intent: Json, method: Json | None, *, off_session: bool) -> None:
    if method is None:
        text = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise Refused("payment_intent_unexpected_state", text)
    attempt(call.stand_in, intent, method, off_session=off_session)


def update(call: StripeCall, params: PaymentIntentUpdateParams) -> Json:
    intent = call.stand_in.store.get(KIND, call.id)
    if intent["status"] not in CONFIRMABLE:
        raise unexpected(intent, "update")
    if "amount" in params:
        check_charge(params["amount"], intent["currency"])
        intent["amount"] = params["amount"]
    if "description" in params:
        intent["description"] = params["description"]
    intent["metadata"] |= params.get("metadata") or {}
    return intent


def retrieve(call: StripeCall, _: PaymentIntentRetrieveParams) -> Json:
    intent = call.stand_in.store.get(KIND, call.id)
    call.check_secret(intent)
    return intent


def cancel(call: StripeCall, params: PaymentIntentCancelParams) -> Json:
    intent = call.stand_in.store.get(KIND, call.id)
    if intent["status"] not in CANCELLABLE:
        raise unexpected(intent, "cancel")
    intent.update(
        status="canceled",
        canceled_at=intent["created"],
        cancellation_reason=params.get("cancellation_reason"),
        next_action=None,
    )
    emit(call.stand_in, "payment_intent.canceled", intent)
    return intent


def list_all(call: StripeCall, params: PaymentIntentListParams) -> Json:
    customer = params.get("customer")
    return listing(call, KIND, params, lambda one: customer in {None, one["customer"]})


def unexpected(intent: Json, verb: str) -> Refused:
    text = f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}."
    code = "payment_intent_unexpected_state"
    return Refused(code, text, payment_intent=dict(intent))

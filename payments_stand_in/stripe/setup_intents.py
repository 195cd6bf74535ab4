"""Setup intents: a method is saved without a payment."""

from stripe.params import (
    SetupIntentCancelParams,
    SetupIntentConfirmParams,
    SetupIntentCreateParams,
    SetupIntentRetrieveParams,
)

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json, new_id
from payments_stand_in.stripe import methods
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.cards import BY_NAME
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.refusals import Refused

KIND = "setup_intent"
OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def create(call: StripeCall, params: SetupIntentCreateParams) -> Json:
    store = call.stand_in.store
    if customer := params.get("customer"):
        store.get("customer", customer)
    chosen = params.get("payment_method")
    intent = store.add(
        KIND,
        "seti",
        customer=customer,
        description=params.get("description"),
        last_setup_error=None,
        metadata=params.get("metadata") or {},
        next_action=None,
        payment_method=chosen,
        status="requires_confirmation" if chosen else "requires_payment_method",
        usage=params.get("usage", "off_session"),
        _return_url=params.get("return_url"),
    )
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('x')[2:]}"
    emit(call.stand_in, "setup_intent.created", intent)
    if params.get("confirm"):
        _confirm(call.stand_in, intent, chosen)
    return intent


def confirm(call: StripeCall, params: SetupIntentConfirmParams) -> Json:
    intent = call.stand_in.store.get(KIND, call.id)
    call.check_secret(intent)
    if intent["status"] not in OPEN:
        text = f"This SetupIntent has a status of {intent['status']}."
        raise Refused("setup_intent_unexpected_state", text)
    intent["_return_url"] = params.get("return_url") or intent["_return_url"]
    _confirm(call.stand_in, intent, params.get("payment_method") or intent["payment_method"])
    return intent


def retrieve(call: StripeCall, _: SetupIntentRetrieveParams) -> Json:
    intent = call.stand_in.store.get(KIND, call.id)
    call.check_secret(intent)
    return intent


def cancel(call: StripeCall, params: SetupIntentCancelParams) -> Json:
    intent = call.stand_in.store.get(KIND, call.id)
    if intent["status"] not in OPEN:
        text = f"This SetupIntent has a status of {intent['status']}."
        raise Refused("setup_intent_unexpected_state", text)
    intent.update(status="canceled", cancellation_reason=params.get("cancellation_reason"))
    emit(call.stand_in, "setup_intent.canceled", intent)
    return intent


def _confirm(stand_in: StandIn, intent: Json, chosen: str | None) -> None:
    if not chosen:
        text = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise Refused("setup_intent_unexpected_state", text)
    method = methods.resolve(stand_in, chosen)
    methods.check_owner(method, intent["customer"])
    intent["payment_method"] = method["id"]
    card = BY_NAME.get(method["_card"] or "")
    if card and methods.declines_setup(card):
        refusal = methods.declined(card)
        intent.update(status="requires_payment_method", last_setup_error=refusal.body["error"])
        emit(stand_in, "setup_intent.setup_failed", intent)
        raise refusal
    if card and card.asks:
        page = f"{stand_in.address}/3ds/{intent['id']}?secret={intent['client_secret']}"
        intent["status"] = "requires_action"
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": page, "return_url": intent["_return_url"]},
        }
        emit(stand_in, "setup_intent.requires_action", intent)
        return
    authenticated(stand_in, intent, confirmed=True)


def authenticated(stand_in: StandIn, intent: Json, *, confirmed: bool) -> None:
    """Save the method, or go back to the choice of one."""
    intent["next_action"] = None
    if not confirmed:
        text = "We are unable to authenticate your payment method."
        error = {"code": "setup_intent_authentication_failure", "message": text}
        intent.update(status="requires_payment_method", last_setup_error=error)
        emit(stand_in, "setup_intent.setup_failed", intent)
        return
    method = stand_in.store.get(methods.KIND, intent["payment_method"])
    method["_set_up"] = True
    methods.keep(stand_in, method, intent["customer"])
    intent["status"] = "succeeded"
    emit(stand_in, "setup_intent.succeeded", intent)

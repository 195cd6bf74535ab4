"""Confirmations of intents: success, decline, confirmation by the buyer, delay."""

import asyncio

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json
from payments_stand_in.stripe import methods
from payments_stand_in.stripe.cards import BY_NAME, Card
from payments_stand_in.stripe.charges import charge, decline
from payments_stand_in.stripe.disputes import open_dispute
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.refusals import Refused

PROCESSING_SECONDS = 2.0


def attempt(stand_in: StandIn, intent: Json, method: Json, *, off_session: bool = False) -> None:
    """Charge an intent with a method. Raises `Refused` if the bank declines it."""
    intent["payment_method"] = method["id"]
    card = BY_NAME.get(method["_card"] or "")
    if card is None:
        _process(stand_in, intent, method)
    elif _asks(card, method):
        if off_session:
            raise _fail(stand_in, intent, method, _authentication_required())
        ask(stand_in, intent)
    elif card.declines:
        raise _fail(stand_in, intent, method, methods.declined(card))
    else:
        succeed(stand_in, intent, method)


def ask(stand_in: StandIn, intent: Json) -> None:
    """Wait for the buyer, who confirms the payment with the bank."""
    page = f"{stand_in.address}/3ds/{intent['id']}?secret={intent['client_secret']}"
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "type": "redirect_to_url",
        "redirect_to_url": {"url": page, "return_url": intent["_return_url"]},
    }
    emit(stand_in, "payment_intent.requires_action", intent)


def authenticated(stand_in: StandIn, intent: Json, *, confirmed: bool) -> None:
    """Go on after the buyer has confirmed the payment, or has not."""
    method = stand_in.store.get(methods.KIND, intent["payment_method"])
    card = BY_NAME[method["_card"]]
    intent["next_action"] = None
    if not confirmed:
        text = "We are unable to authenticate your payment method."
        refusal = Refused("payment_intent_authentication_failure", text, kind="card_error")
        _fail(stand_in, intent, method, refusal)
    elif card.declines:
        _fail(stand_in, intent, method, methods.declined(card))
    else:
        method["_set_up"] = method["_set_up"] or bool(intent["setup_future_usage"])
        succeed(stand_in, intent, method)


def succeed(stand_in: StandIn, intent: Json, method: Json) -> None:
    """Take the money. What the card is known for follows: a dispute, or a saved method."""
    made = charge(stand_in, intent, method)
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=made["id"],
        last_payment_error=None,
        next_action=None,
    )
    if intent["setup_future_usage"]:
        method["_set_up"] = True
        methods.keep(stand_in, method, intent["customer"])
    emit(stand_in, "payment_intent.succeeded", intent)
    emit(stand_in, "charge.succeeded", made)
    card = BY_NAME.get(method["_card"] or "")
    if card and card.disputes:
        open_dispute(stand_in, made, reason=card.disputes, inquiry=card.inquiry)


def finish(stand_in: StandIn, intent: Json, *, fails: bool) -> None:
    """End the processing of a direct debit."""
    if intent["status"] != "processing":
        return
    method = stand_in.store.get(methods.KIND, intent["payment_method"])
    if fails:
        text = "The customer's account was closed."
        _fail(stand_in, intent, method, Refused("payment_method_provider_decline", text))
    else:
        succeed(stand_in, intent, method)


def _process(stand_in: StandIn, intent: Json, method: Json) -> None:
    intent["status"] = "processing"
    emit(stand_in, "payment_intent.processing", intent)
    asyncio.get_running_loop().call_later(
        PROCESSING_SECONDS, lambda: finish(stand_in, intent, fails=method["_fails"])
    )


def _asks(card: Card, method: Json) -> bool:
    return card.asks == "always" or (card.asks == "unless_set_up" and not method["_set_up"])


def _authentication_required() -> Refused:
    return Refused(
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
        status=402,
        kind="card_error",
        decline_code="authentication_required",
    )


def _fail(stand_in: StandIn, intent: Json, method: Json, refusal: Refused) -> Refused:
    """Record a decline. Returns the refusal with the intent, which can be tried again."""
    error = {**refusal.body["error"], "payment_method": dict(method)}
    failed = decline(stand_in, intent, method, error.get("code", ""), error.get("decline_code"))
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        latest_charge=failed["id"],
        last_payment_error=error,
        next_action=None,
    )
    emit(stand_in, "payment_intent.payment_failed", intent)
    refusal.body["error"] |= {"charge": failed["id"], "payment_intent": dict(intent)}
    return refusal

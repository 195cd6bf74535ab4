"""Payment methods: cards and direct debits, attached to customers."""

from stripe.params import (
    PaymentMethodAttachParams,
    PaymentMethodCreateParams,
    PaymentMethodDetachParams,
    PaymentMethodListParams,
    PaymentMethodRetrieveParams,
)

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.cards import BY_NAME, Card, find_card
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.lists import listing
from payments_stand_in.stripe.refusals import Refused, invalid

KIND = "payment_method"
EXPIRES = (12, 2034)
FAILING_DEBITS = frozenset({"AT861904300235473202", "DE62370400440532013001"})


def add_card(
    stand_in: StandIn, card: Card, month: int = EXPIRES[0], year: int = EXPIRES[1]
) -> Json:
    """Keep a card as a method that no customer has yet."""
    details = {
        "brand": card.brand,
        "country": card.country,
        "exp_month": month,
        "exp_year": year + 2000 if year < 100 else year,
        "fingerprint": f"stand_in_{card.last4}",
        "funding": "credit",
        "last4": card.last4,
    }
    return _add(stand_in, "card", details, _card=card.name)


def create(call: StripeCall, params: PaymentMethodCreateParams) -> Json:
    kind = params.get("type", "card")
    if kind == "sepa_debit":
        iban = params["sepa_debit"]["iban"].replace(" ", "")
        details = {"country": iban[:2], "last4": iban[-4:], "fingerprint": f"stand_in_{iban[-4:]}"}
        return _add(call.stand_in, kind, details, _fails=iban in FAILING_DEBITS)
    given = params.get("card")
    if kind != "card" or not isinstance(given, dict):
        raise invalid("type", "parameter_invalid", "The stand-in knows card and sepa_debit.")
    if token := given.get("token"):
        return add_card(call.stand_in, BY_NAME[str(token).replace("tok_", "pm_card_")])
    month, year = int(given["exp_month"]), int(given["exp_year"])
    return add_card(call.stand_in, find_card(str(given["number"]), month, year), month, year)


def resolve(stand_in: StandIn, id: str) -> Json:
    """Return a method by its id. A test method, such as pm_card_visa, becomes a new one."""
    if id in BY_NAME:
        return add_card(stand_in, BY_NAME[id])
    return stand_in.store.get(KIND, id)


def retrieve(call: StripeCall, _: PaymentMethodRetrieveParams) -> Json:
    return call.stand_in.store.get(KIND, call.id)


def attach(call: StripeCall, params: PaymentMethodAttachParams) -> Json:
    method, store = resolve(call.stand_in, call.id), call.stand_in.store
    store.get("customer", params["customer"])
    check_owner(method, params["customer"])
    if method["_card"] and declines_setup(BY_NAME[method["_card"]]):
        raise declined(BY_NAME[method["_card"]])
    keep(call.stand_in, method, params["customer"])
    return method


def keep(stand_in: StandIn, method: Json, customer: str | None) -> None:
    """Attach a method to a customer, if there is one."""
    if customer and method["customer"] != customer:
        method["customer"] = customer
        emit(stand_in, "payment_method.attached", method)


def detach(call: StripeCall, _: PaymentMethodDetachParams) -> Json:
    method = call.stand_in.store.get(KIND, call.id)
    if not method["customer"]:
        text = "The payment method you provided is not attached to a customer so detachment is"
        raise Refused("payment_method_unexpected_state", f"{text} impossible.")
    method["customer"], method["_detached"] = None, True
    emit(call.stand_in, "payment_method.detached", method)
    return method


def list_all(call: StripeCall, params: PaymentMethodListParams) -> Json:
    customer, kind = params.get("customer"), params.get("type")
    return listing(
        call,
        KIND,
        params,
        lambda one: (
            bool(one["customer"])
            and customer in {None, one["customer"]}
            and kind in {None, one["type"]}
        ),
    )


def check_owner(method: Json, customer: str | None) -> None:
    """Refuse a method that another customer has, or had."""
    if method["_detached"] or (method["customer"] and method["customer"] != customer):
        text = "The payment method belongs to another customer, or was detached before."
        raise Refused("payment_method_unexpected_state", text)


def declines_setup(card: Card) -> bool:
    return bool(card.declines) and not card.asks and card.name != "pm_card_chargeCustomerFail"


def declined(card: Card) -> Refused:
    """Return the answer of a bank that declines a card."""
    return Refused(
        card.declines,
        "Your card was declined.",
        status=402,
        kind="card_error",
        decline_code=card.reason,
    )


def _add(stand_in: StandIn, kind: str, details: Json, **own: object) -> Json:
    return stand_in.store.add(
        KIND,
        "pm",
        allow_redisplay="unspecified",
        billing_details={"address": None, "email": None, "name": None, "phone": None},
        customer=None,
        metadata={},
        type=kind,
        _detached=False,
        _set_up=False,
        **{"_card": None, "_fails": False, **own, kind: details},
    )

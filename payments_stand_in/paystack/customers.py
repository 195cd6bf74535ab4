"""Customers of the Paystack face, and the authorizations by which they are charged again."""

from typing import Annotated

from pydantic import BaseModel, Field

from payments_stand_in.paystack.calls import PaystackAnswer, PaystackCall, PaystackRefused
from payments_stand_in.paystack.objects import add
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json, new_id

Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]


class NewCustomer(BaseModel):
    email: Email
    metadata: Json = {}


class Deactivated(BaseModel):
    authorization_code: str


def create(call: PaystackCall) -> PaystackAnswer:
    given = NewCustomer.model_validate(call.body)
    customer = of_email(call.stand_in, given.email)
    customer["metadata"] = {**(customer["metadata"] or {}), **given.metadata}
    return PaystackAnswer("Customer created", customer)


def fetch(call: PaystackCall) -> PaystackAnswer:
    """Return a customer by its code or its address, with what it can be charged by."""
    customer = next(
        (one for one in _all(call.stand_in) if call.id in {one["customer_code"], one["email"]}),
        None,
    )
    if customer is None:
        raise PaystackRefused("Customer not found", "customer_not_found", 404)
    return PaystackAnswer("Customer retrieved", customer)


def deactivate(call: PaystackCall) -> PaystackAnswer:
    code = Deactivated.model_validate(call.body).authorization_code
    for customer in _all(call.stand_in):
        kept = [one for one in customer["authorizations"] if one["authorization_code"] != code]
        if len(kept) < len(customer["authorizations"]):
            customer["authorizations"] = kept
            return PaystackAnswer("Authorization has been deactivated", None)
    raise PaystackRefused("Authorization code does not exist", "authorization_not_found", 404)


def of_email(stand_in: StandIn, email: str) -> Json:
    """Return the customer of an address, who is added if needed."""
    found = next((one for one in _all(stand_in) if one["email"] == email), None)
    return found or add(
        stand_in,
        "customer",
        authorizations=[],
        customer_code=new_id("CUS"),
        email=email,
        first_name=None,
        last_name=None,
        metadata={},
        phone=None,
    )


def authorize(customer: Json, last4: str, *, fails: bool) -> Json:
    """Return the authorization of a customer's card, which is kept once."""
    found = next((one for one in customer["authorizations"] if one["last4"] == last4), None)
    if found is None:
        found = {
            "authorization_code": new_id("AUTH"),
            "bank": "TEST BANK",
            "bin": "408408",
            "brand": "visa",
            "card_type": "visa",
            "channel": "card",
            "country_code": "NG",
            "exp_month": "12",
            "exp_year": "2034",
            "last4": last4,
            "reusable": True,
            "signature": f"SIG_stand_in_{last4}",  # the same for all customers
            "_fails": fails,
        }
        customer["authorizations"].append(found)
    return found


def _all(stand_in: StandIn) -> list[Json]:
    return list(stand_in.store.kinds.get("paystack_customer", {}).values())

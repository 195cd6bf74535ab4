"""Customers."""

from stripe.params import (
    CustomerCreateParams,
    CustomerDeleteParams,
    CustomerListParams,
    CustomerRetrieveParams,
    CustomerUpdateParams,
)

from payments_stand_in.store import Json
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.events import emit
from payments_stand_in.stripe.lists import listing


def create(call: StripeCall, params: CustomerCreateParams) -> Json:
    customer = call.stand_in.store.add(
        "customer",
        "cus",
        description=params.get("description"),
        email=params.get("email"),
        metadata=params.get("metadata") or {},
        name=params.get("name"),
    )
    emit(call.stand_in, "customer.created", customer)
    return customer


def retrieve(call: StripeCall, _: CustomerRetrieveParams) -> Json:
    return call.stand_in.store.get("customer", call.id)


def update(call: StripeCall, params: CustomerUpdateParams) -> Json:
    customer = call.stand_in.store.get("customer", call.id)
    for name in ("description", "email", "name"):
        if name in params:
            customer[name] = params.get(name)
    customer["metadata"] |= params.get("metadata") or {}
    emit(call.stand_in, "customer.updated", customer)
    return customer


def delete(call: StripeCall, _: CustomerDeleteParams) -> Json:
    store = call.stand_in.store
    store.remove("customer", call.id)
    for method in store.newest("payment_method"):
        if method["customer"] == call.id:
            method["customer"], method["_detached"] = None, True
    return {"id": call.id, "object": "customer", "deleted": True}


def list_all(call: StripeCall, params: CustomerListParams) -> Json:
    email = params.get("email")
    return listing(call, "customer", params, lambda one: email in {None, one["email"]})

"""Events: recorded with a copy of their object, and delivered to the endpoints that want them."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import partial

from stripe.params import (
    EventListParams,
    EventRetrieveParams,
    WebhookEndpointCreateParams,
    WebhookEndpointDeleteParams,
    WebhookEndpointListParams,
)

from payments_stand_in.state import StandIn
from payments_stand_in.store import Json, new_id, visible
from payments_stand_in.stripe.calls import StripeCall
from payments_stand_in.stripe.lists import listing

API_VERSION = "2026-10-28.endive"


def emit(stand_in: StandIn, kind: str, object: Json, account: str | None = None) -> Json:
    """Record that an object changed, and deliver it."""
    event = stand_in.store.add(
        "event",
        "evt",
        api_version=API_VERSION,
        data={"object": visible(object)},
        pending_webhooks=1,
        request={"id": None, "idempotency_key": None},
        type=kind,
        _account=account,
    )
    if account:
        event["account"] = account
    deliver(stand_in, event)
    return event


def deliver(stand_in: StandIn, event: Json) -> None:
    """Deliver a notification to the endpoints of the platform, or to those of its accounts."""
    for endpoint in stand_in.store.newest("webhook_endpoint"):
        wanted = endpoint["enabled_events"]
        is_wanted = "*" in wanted or event["type"] in wanted
        if is_wanted and endpoint["_connect"] == ("account" in event):
            headers = partial(signature, endpoint["_secret"])
            stand_in.deliveries.send(endpoint["url"], visible(event), headers)


def signature(secret: str, body: bytes) -> Mapping[str, str]:
    """Return the header that proves a webhook, with the time at which it is sent."""
    now = int(time.time())
    signed = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={now},v1={signed}"}


def retrieve(call: StripeCall, _: EventRetrieveParams) -> Json:
    return call.stand_in.store.get("event", call.id)


def list_all(call: StripeCall, params: EventListParams) -> Json:
    kinds = params.get("types") or ([params["type"]] if "type" in params else None)
    return listing(call, "event", params, lambda one: kinds is None or one["type"] in kinds)


def add_endpoint(
    stand_in: StandIn,
    url: str,
    *,
    secret: str | None = None,
    events: list[str] | None = None,
    connect: bool = False,
) -> Json:
    """Register an endpoint for the notifications of the platform, or of its accounts."""
    return stand_in.store.add(
        "webhook_endpoint",
        "we",
        application=None,
        enabled_events=events or ["*"],
        metadata={},
        status="enabled",
        url=url,
        _connect=connect,
        _secret=secret or new_id("whsec"),
    )


def create_endpoint(call: StripeCall, params: WebhookEndpointCreateParams) -> Json:
    endpoint = add_endpoint(
        call.stand_in,
        params["url"],
        events=[str(one) for one in params["enabled_events"]],
        connect=params.get("connect", False),
    )
    return {**endpoint, "secret": endpoint["_secret"]}  # shown once


def list_endpoints(call: StripeCall, params: WebhookEndpointListParams) -> Json:
    return listing(call, "webhook_endpoint", params)


def delete_endpoint(call: StripeCall, _: WebhookEndpointDeleteParams) -> Json:
    call.stand_in.store.remove("webhook_endpoint", call.id)
    return {"id": call.id, "object": "webhook_endpoint", "deleted": True}

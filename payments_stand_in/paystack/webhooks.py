"""Webhooks of the Paystack face, signed with the secret key."""

import hashlib
import hmac
from collections.abc import Mapping
from functools import partial

from payments_stand_in.state import SECRET_KEY, StandIn
from payments_stand_in.store import Json, visible


def emit(stand_in: StandIn, kind: str, data: Json) -> None:
    """Deliver a notification to the server, if there is one."""
    body = {"event": kind, "data": visible(data)}
    if stand_in.paystack_webhooks:
        sign = partial(signature, SECRET_KEY)
        stand_in.deliveries.send(stand_in.paystack_webhooks, body, sign)


def signature(secret: str, body: bytes) -> Mapping[str, str]:
    """Return the header that proves a webhook."""
    return {"x-paystack-signature": hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()}

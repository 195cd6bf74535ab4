"""Webhooks of Paystack: signed with the secret key, without an id and without a time.

Source: https://paystack.com/docs/payments/webhooks
"""

import hashlib
import hmac
import json
from typing import Any

from core.clock import now
from gateways.payments.errors import InvalidWebhook
from gateways.payments.gateway import EventObject, ProviderEvent
from gateways.payments.paystack.objects import moment

TIMES = ("updatedAt", "updated_at", "paid_at", "createdAt", "created_at")


def read_event(body: bytes, signature: str, secret_key: str) -> ProviderEvent:
    """Return the notification. Its id is a hash of the body, which is the same in each delivery.

    Raises `InvalidWebhook`.
    """
    expected = hmac.new(secret_key.encode(), body, hashlib.sha512).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise InvalidWebhook("The signature is of another key.")
    try:
        given = json.loads(body)
        kind, data = str(given["event"]), dict(given["data"])
        about, reference = _subject(kind, data)
        sent_at = next((moment(data[name]) for name in TIMES if data.get(name)), now())
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidWebhook("The body is no notification.") from error
    return ProviderEvent(
        id=hashlib.sha256(body).hexdigest(),
        kind=kind,
        about=about,
        reference=reference,
        created_at=sent_at,
    )


def _subject(kind: str, data: dict[str, Any]) -> tuple[EventObject, str]:
    """Return what a notification is about. That of a refund names the payment alone."""
    if kind.startswith("charge.dispute."):
        return EventObject.DISPUTE, str(data["id"])
    if kind.startswith("charge."):
        return EventObject.PAYMENT, str(data["reference"])
    if kind.startswith("refund."):
        return EventObject.PAYMENT_REFUNDS, str(data["transaction_reference"])
    if kind.startswith("transfer."):
        return EventObject.PAYOUT, str(data["reference"])
    return EventObject.OTHER, str(data.get("id", ""))

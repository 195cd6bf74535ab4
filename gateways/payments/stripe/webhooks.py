"""Webhooks of Stripe: signed with one of the secrets, at most five minutes ago."""

import json
from collections.abc import Sequence

import stripe

from gateways.payments.errors import InvalidWebhook
from gateways.payments.gateway import ProviderEvent
from gateways.payments.stripe.objects import event

TOLERANCE_SECONDS = 300


def read_event(body: bytes, signature: str, secrets: Sequence[str]) -> ProviderEvent:
    """Return the notification. Several secrets are valid: the platform's, its accounts', old ones.

    Raises `InvalidWebhook`.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise InvalidWebhook("The body is no UTF-8.") from error
    if not any(_is_signed(text, signature, secret) for secret in secrets):
        raise InvalidWebhook("The signature is of another secret, or too old.")
    try:
        return event(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidWebhook("The body is no notification.") from error


def _is_signed(text: str, signature: str, secret: str) -> bool:
    if not signature.isascii():  # the SDK raises another error for it
        return False
    try:
        stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_SECONDS)
    except stripe.SignatureVerificationError:
        return False
    return True

"""Classes of the errors of Stripe's SDK, by what the caller may do next.

Source: https://docs.stripe.com/error-low-level and https://docs.stripe.com/api/idempotent_requests
"""

import stripe

from gateways.payments.errors import (
    Declined,
    NoAnswer,
    ObjectNotFound,
    PaymentProviderError,
    ProviderRefused,
    UnknownOutcome,
)

# Seconds to wait by status. For 401 and 403, an operator has to correct the key.
AGAIN = {401: 60.0, 403: 60.0, 409: 2.0, 429: 2.0}


def classify(error: stripe.StripeError, *, moves_money: bool) -> PaymentProviderError:
    """Return our error. Its text has the status and codes alone, for messages can name people."""
    status, code = error.http_status, error.code
    reason = f"Stripe {status or 'did not answer'} {code or type(error).__name__}"
    if status is None or (status >= 500 and not moves_money):
        return NoAnswer(reason, code=code)
    if status in AGAIN:
        return NoAnswer(reason, code=code, after=AGAIN[status])
    if status >= 500:
        return UnknownOutcome(reason, code=code)
    if isinstance(error, stripe.CardError):
        return Declined(reason, code=decline_code(error))
    if code == "resource_missing":
        return ObjectNotFound(reason, code=code)
    return ProviderRefused(reason, code=code)


def decline_code(error: stripe.CardError) -> str | None:
    """Return the bank's reason, such as `insufficient_funds`."""
    details = error.error
    told = details.decline_code if details and "decline_code" in details else None
    return told or error.code

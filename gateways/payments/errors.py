"""Errors of payment providers. What the caller may do next depends on the class."""

MAX_REASON_LENGTH = 300


class PaymentProviderError(Exception):
    """The provider did not do what was asked. The text holds no secret and no personal data."""

    def __init__(self, reason: str, *, code: str | None = None) -> None:
        super().__init__(" ".join(reason.split())[:MAX_REASON_LENGTH])
        self.code = code


class NoAnswer(PaymentProviderError):
    """No answer came, or it asks to try later. The same call is safe with the same key."""

    def __init__(self, reason: str, *, code: str | None = None, after: float = 0) -> None:
        super().__init__(reason, code=code)
        self.after = after


class UnknownOutcome(PaymentProviderError):
    """The provider failed in between. Look for the object before a call with a new key."""


class Declined(PaymentProviderError):
    """The buyer's bank declined the payment. Another card may work."""


class ProviderRefused(PaymentProviderError):
    """The provider refuses this call for good, such as a refund above the payment."""


class ObjectNotFound(ProviderRefused):
    """The provider has no such object."""


class InvalidWebhook(PaymentProviderError):
    """A webhook is not signed by the provider, is too old, or cannot be read."""

"""Delivery errors. Their texts are stored, so they contain no secrets or addresses."""

MAX_REASON_LENGTH = 300


class DeliveryError(Exception):
    """The provider did not accept the message. A retry after `after` seconds may succeed."""

    def __init__(self, reason: str, *, after: float = 0) -> None:
        super().__init__(" ".join(reason.split())[:MAX_REASON_LENGTH])
        self.after = after


class MessageRejected(DeliveryError):
    """The provider will never accept this message; do not retry."""


class InvalidRecipient(MessageRejected):
    """The address or device token no longer exists."""

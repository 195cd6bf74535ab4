"""What a provider did not do, in words that are fit to be kept: no secrets, no addresses."""

LONGEST = 300


class DeliveryError(Exception):
    """The provider did not take a message; another try may go better, after so many seconds."""

    def __init__(self, reason: str, *, after: float = 0) -> None:
        super().__init__(" ".join(reason.split())[:LONGEST])
        self.after = after


class Rejected(DeliveryError):
    """The provider will not take this message however often it is asked."""


class InvalidRecipient(Rejected):
    """Nobody is reached at this address any more."""

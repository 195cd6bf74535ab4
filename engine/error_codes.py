"""The codes of top-level errors, one for each kind of fault of a client or of the server."""

from enum import StrEnum

LONGEST = 500


class Fault(StrEnum):
    """What stands in `extensions.code`. An expected "no" is data instead, with an `ErrorCode`."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    RATE_LIMITED = "RATE_LIMITED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    NOT_FOUND = "NOT_FOUND"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    INTERNAL = "INTERNAL"


def brief(message: str) -> str:
    """A message without most of what it quotes, for the caller knows what it sent."""
    return message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"

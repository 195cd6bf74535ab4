"""The codes of top-level errors."""

from enum import StrEnum
from typing import Self

MAX_MESSAGE_LENGTH = 500


class Fault(StrEnum):
    """The value of `extensions.code`: a fault of the client or the server.

    Expected refusals are data instead. `meaning` and `remedy` document the code in docs/errors.md.
    """

    meaning: str
    remedy: str

    def __new__(cls, code: str, meaning: str, remedy: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning, member.remedy = meaning, remedy
        return member

    UNAUTHENTICATED = (
        "UNAUTHENTICATED",
        "The field requires a signed-in user, or the access token is invalid or expired.",
        "Refresh the session or sign in, then send the request again.",
    )
    FORBIDDEN = (
        "FORBIDDEN",
        "The viewer is not authorized.",
        "Do not retry as this viewer.",
    )
    SCOPE_MISSING = (
        "SCOPE_MISSING",
        "The API token lacks scopes, which `extensions.scopes` lists; see [scopes](scopes.md).",
        "Do not retry with this token. Use one with these scopes.",
    )
    NOT_WHILE_IMPERSONATING = (
        "NOT_WHILE_IMPERSONATING",
        "An admin uses the account of a user, for whom this mutation is not allowed.",
        "Only the user can do this. See `extensions.impersonation`, and `endImpersonation`.",
    )
    CSRF_TOKEN_WRONG = (
        "CSRF_TOKEN_WRONG",
        "In browser mode, mutations need the header `Haat-CSRF`, which changes with the cookie.",
        "Query `viewer { csrfToken }`, and send the mutation once more. Nothing was executed.",
    )
    BAD_USER_INPUT = (
        "BAD_USER_INPUT",
        "The request is malformed: a syntax error, unknown field, invalid id, cursor or scalar.",
        "Show `message` next to the input in `extensions.field`. Without that, fix the client.",
    )
    QUERY_TOO_COMPLEX = (
        "QUERY_TOO_COMPLEX",
        "The operation is too large, too deep or too expensive; see [limits](limits.md).",
        "Request less at once: shorter pages, fewer fields, several requests.",
    )
    RATE_LIMITED = (
        "RATE_LIMITED",
        "The caller's budget is exhausted, or the limit of one action, such as failed log-ins.",
        "Wait for the seconds in `extensions.retryAfter`, or until `extensions.cost.resetAt`.",
    )
    QUERY_TIMEOUT = (
        "QUERY_TIMEOUT",
        "A step of the operation took longer than the database may take, by default two seconds.",
        "Request less at once, or try again once in a moment: the server may have been busy.",
    )
    UNAVAILABLE = (
        "UNAVAILABLE",
        "The database or another service of the server cannot be reached or does not answer.",
        "Retry after `extensions.retryAfter` seconds, a mutation with the same `idempotencyKey`.",
    )
    REQUEST_TIMEOUT = (
        "REQUEST_TIMEOUT",
        "The server did not receive the whole request in time; see [deadlines](http.md#deadlines).",
        "Send it again. A network that is that slow may need smaller requests.",
    )
    PERSISTED_QUERY_NOT_FOUND = (
        "PERSISTED_QUERY_NOT_FOUND",
        "The server does not know the document of this hash.",
        "Send the request again with both the document and its hash.",
    )
    NOT_FOUND = (
        "NOT_FOUND",
        "The object of a subscription does not exist, or the viewer has no access to it.",
        "Refetch. Do not reconnect.",
    )
    CURSOR_EXPIRED = (
        "CURSOR_EXPIRED",
        "The server no longer keeps the changes after this cursor, or the list that it is of.",
        "Refetch the state or the list from its start. Then subscribe without `after`.",
    )
    INTERNAL = (
        "INTERNAL",
        "Something failed on the server. The details are hidden and logged.",
        "Try again later. `extensions.requestId` identifies the error in the server's logs.",
    )


def truncate(message: str) -> str:
    """Shorten a message to 500 characters; GraphQL quotes what the client sent, however long."""
    if len(message) <= MAX_MESSAGE_LENGTH:
        return message
    return f"{message[: MAX_MESSAGE_LENGTH - 1]}…"

"""Errors that may be shown to the caller, whatever the domain."""

from collections.abc import Sequence
from math import ceil
from typing import ClassVar
from uuid import UUID

MIN_SECONDS_IN_MINUTES = 120
MAX_QUOTED_ID = 60


class UserMessage(Exception):
    """An error whose text may be shown to the caller.

    Keeps template and values apart for translation. `str()` returns the English text.
    """

    message: ClassVar[str] = ""
    # The object of the refused act, if its id is not in the input: for the audit log only.
    subject_id: UUID | None = None

    def __init__(self, template: str = "", /, **values: object) -> None:
        self.template = template or self.message
        self.values = values
        super().__init__(self.template.format(**values) if values else self.template)


class BadInput(UserMessage):
    """The request is malformed: an invalid id or cursor, or a page size out of range."""


class InvalidId(BadInput):
    """A text that is not a global id of this server."""

    message = "“{id}” is not a valid id. Send ids as the server returned them."

    def __init__(self, id: str) -> None:
        if id.strip():
            super().__init__(id=id[:MAX_QUOTED_ID])
        else:
            super().__init__("An id is empty. Send one that the server returned.")


class MalformedRequest(BadInput):
    """The client program made a mistake that its user cannot cause.

    The message is for the program's developers, so it may name arguments and fields.
    """


class CursorExpired(UserMessage):
    """The changes after this cursor have been deleted; the client must refetch and resubscribe."""

    message = "Some changes were missed. Reload to see the current state."


class NotSignedIn(UserMessage):
    """The caller is not authenticated, or no longer."""


class NotAllowed(UserMessage):
    """The caller is authenticated but not authorized. Must not reveal whether the row exists."""


class ScopeMissing(UserMessage):
    """The API token of the caller lacks these scopes."""

    message = "This API token does not have the scope {scope}. Use one that does."

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(scope=", ".join(scopes))
        self.scopes = list(scopes)


class CsrfTokenWrong(UserMessage):
    """A mutation in browser mode came without the token of the cookie."""

    message = "This page is out of date. Reload it, and try again."


class CallerGone(BadInput):
    """The caller disconnected before its turn."""


class TooManyRequests(UserMessage):
    """The caller is rate limited for `seconds`. From two minutes on, its message has minutes."""

    message = "Too many attempts. Try again in {seconds} seconds."
    message_in_minutes: ClassVar[str] = "Too many attempts. Try again in {minutes} minutes."

    def __init__(self, seconds: int) -> None:
        is_long = seconds >= MIN_SECONDS_IN_MINUTES
        template = self.message_in_minutes if is_long else self.message
        super().__init__(template, seconds=seconds, minutes=ceil(seconds / 60))
        self.seconds = seconds


class BudgetExceeded(TooManyRequests):
    """The operation costs more points than the caller has left, for `seconds`."""

    message = "Too many requests. Try again in {seconds} seconds."
    message_in_minutes = "Too many requests. Try again in {minutes} minutes."


class TooManyOperations(TooManyRequests):
    """The caller's other operations occupy its connections to the database."""

    message = message_in_minutes = "Too many concurrent requests. Try again in a moment."


class Unavailable(UserMessage):
    """PostgreSQL, Redis or the storage cannot be reached, or does not answer in time.

    A retry may succeed. What was being written may or may not have been stored.
    """

    seconds = 2  # until a retry can succeed

    message = "The service is temporarily unavailable. Try again in a few seconds."

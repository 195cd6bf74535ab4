"""Refusals: expected business errors, each declared next to its rule."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from core.errors import UserMessage

WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Refusal(UserMessage):
    """An expected error. It rolls the transaction back and reaches the client as data.

    `code` defaults to the class name in upper case. `message` is shown to the user and translated.
    `meaning` and `remedy` document for client developers when the code is returned and what to do.
    A subclass with a `constraint`, or several, replaces their `IntegrityError`.
    """

    code: ClassVar[str]
    meaning: ClassVar[str]
    remedy: ClassVar[str]
    constraint: ClassVar[str | tuple[str, ...]] = ()
    by_code: ClassVar[dict[str, type["Refusal"]]] = {}
    by_constraint: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init__(
        self, template: str = "", /, *, field: list[str] | None = None, **values: object
    ) -> None:
        super().__init__(template, **values)
        self.field = field
        self.further: list[Refusal] = []  # reported together with this one

    def __init_subclass__(cls) -> None:
        cls.code = cls.__dict__.get("code") or WORD_START.sub("_", cls.__name__).upper()
        if not all(cls.__dict__.get(text) for text in ("message", "meaning", "remedy")):
            raise TypeError(f"{cls.__name__} needs a message, a meaning and a remedy.")
        if Refusal.by_code.setdefault(cls.code, cls) is not cls:
            raise TypeError(f"{Refusal.by_code[cls.code].__name__} has the code {cls.code} too.")
        named = (cls.constraint,) if isinstance(cls.constraint, str) else cls.constraint
        Refusal.by_constraint.update(dict.fromkeys(named, cls))


# Update inputs have one rule: an omitted field keeps its value, and null resets it to the default
# that it has when the object is created. A field without a default refuses null.
NULL_REFUSED = "Must not be empty."


class InvalidInput(Refusal):
    message = "A value is not valid. Correct it and try again."
    meaning = "A value of the input is not valid. `field` is the path to it."
    remedy = "Show `message` next to that field, so that the user can correct it."


class InvalidValue(UserMessage, ValueError):
    """Raised by validators. pydantic collects it with its own errors."""


class NotFound(Refusal):
    """Also raised for rows that the viewer may not see: the two must be indistinguishable."""

    message = "Not found, or you don't have access to it."
    meaning = "No such object exists, or the viewer has no access to it. The two look the same."
    remedy = "Refetch the list that the id came from. Retrying does not help."


class StepUpRequired(Refusal):
    """The caller must prove again who they are, by one of `methods`."""

    message = (
        "For this, the password must have been entered within the last {minutes} minutes. Enter it"
        " again."
    )
    message_of_provider: ClassVar[str] = (
        "For this, you must have signed in within the last {minutes} minutes. Sign in with the"
        " provider again."
    )
    message_of_factor: ClassVar[str] = (
        "For this, the second factor must have been used within the last {minutes} minutes. Use it"
        " again."
    )
    meaning = (
        "The mutation requires that the user signed in, or called `reauthenticate`, within the last"
        " 10 minutes, with the second factor if there is one. Refreshing the session does not"
        " count, and neither does a recovery code."
    )
    remedy = (
        "Ask for one of the `methods` in the error, call `reauthenticate`, then send the mutation"
        " again."
    )

    def __init__(self, message: str, *, methods: Sequence[StrEnum], minutes: int) -> None:
        super().__init__(message, minutes=minutes)
        self.methods = list(methods)


class IdempotencyKeyReused(Refusal):
    message = "This was already done with other values. Start again."
    meaning = "The idempotency key was used before, with different input."
    remedy = "Generate a new key for each new action. Reuse it only to retry the same request."


class IdempotencyInProgress(Refusal):
    message = "This is still in progress. Try again in a moment."
    meaning = "The first request with this idempotency key has not finished yet."
    remedy = "Wait a moment, then send the same request with the same key."


# Refusals of every mutation with an idempotency key.
KEYED = (IdempotencyKeyReused, IdempotencyInProgress)

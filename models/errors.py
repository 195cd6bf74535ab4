"""Every expected "no" of the business, each raised beside its rule."""

from enum import StrEnum
from typing import ClassVar

from core.errors import UserMessage


class ErrorCode(StrEnum):
    """Why a mutation did not do what it was asked."""

    INVALID_INPUT = "INVALID_INPUT"
    NOT_FOUND = "NOT_FOUND"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    WRONG_CREDENTIALS = "WRONG_CREDENTIALS"
    SESSION_ENDED = "SESSION_ENDED"
    API_TOKEN_LIMIT_REACHED = "API_TOKEN_LIMIT_REACHED"  # noqa: S105 - no password
    VENDOR_NOT_APPROVED = "VENDOR_NOT_APPROVED"
    OFFER_STATE = "OFFER_STATE"
    OFFER_NOT_CLAIMABLE = "OFFER_NOT_CLAIMABLE"
    OFFER_NOT_STARTED = "OFFER_NOT_STARTED"
    OFFER_ENDED = "OFFER_ENDED"
    OFFER_SOLD_OUT = "OFFER_SOLD_OUT"
    CLAIM_LIMIT_REACHED = "CLAIM_LIMIT_REACHED"
    CAPACITY_BELOW_CLAIMED = "CAPACITY_BELOW_CLAIMED"
    VOUCHER_NOT_CANCELLABLE = "VOUCHER_NOT_CANCELLABLE"
    CONVERSATION_BLOCKED = "CONVERSATION_BLOCKED"
    CONVERSATION_LIMIT_REACHED = "CONVERSATION_LIMIT_REACHED"
    MESSAGE_TOO_OLD = "MESSAGE_TOO_OLD"
    MESSAGE_DELETED = "MESSAGE_DELETED"
    MESSAGE_ID_REUSED = "MESSAGE_ID_REUSED"
    ALREADY_REPORTED = "ALREADY_REPORTED"
    CONVERSATION_ALREADY_ASSIGNED = "CONVERSATION_ALREADY_ASSIGNED"
    CANNED_REPLY_LIMIT_REACHED = "CANNED_REPLY_LIMIT_REACHED"
    CANNED_REPLY_TITLE_TAKEN = "CANNED_REPLY_TITLE_TAKEN"
    UPLOAD_LIMIT_REACHED = "UPLOAD_LIMIT_REACHED"
    UPLOAD_NOT_RECEIVED = "UPLOAD_NOT_RECEIVED"
    UPLOAD_REFUSED = "UPLOAD_REFUSED"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"


class Refusal(UserMessage):
    """An expected "no". It undoes the transaction and reaches the client as data.

    A subclass that names a `constraint` is also what the database's own refusal
    by that constraint is turned into.
    """

    code: ClassVar[ErrorCode]
    constraint: ClassVar[str | None] = None
    by_constraint: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init__(
        self, template: str = "", /, *, field: list[str] | None = None, **values: object
    ) -> None:
        super().__init__(template, **values)
        self.field = field

    def __init_subclass__(cls) -> None:
        if cls.constraint:
            Refusal.by_constraint[cls.constraint] = cls


class InvalidInput(Refusal):
    code = ErrorCode.INVALID_INPUT
    message = "A value is out of its range."


class InvalidValue(UserMessage, ValueError):
    """What a validator of a model says; pydantic gathers it with what it finds itself."""


class NotFound(Refusal):
    """Unknown and forbidden look alike."""

    code = ErrorCode.NOT_FOUND
    message = "There is nothing here by that id, or it is not yours."


class IdempotencyKeyReused(Refusal):
    code = ErrorCode.IDEMPOTENCY_KEY_REUSED
    message = "This idempotency key was used with another input."


class IdempotencyInProgress(Refusal):
    code = ErrorCode.IDEMPOTENCY_IN_PROGRESS
    message = "The first request with this key is still running. Try again in a moment."

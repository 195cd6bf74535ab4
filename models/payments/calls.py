"""Calls to payment providers: stored before they are sent, with the key that makes them once.

The answer of a call can be lost. The row has the key with which it can be sent again.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, open_enum_column, timestamp
from models.payments.payments import PaymentProvider
from models.personal_data import of_others
from models.text import one_line_constraint

MAX_KEY = 60
MAX_ERROR = 300
KEY_HOURS = 23  # providers keep keys for 24 hours or longer
MAX_ATTEMPTS = 5


class CallPurpose(StrEnum):
    """The purpose of a call."""

    PAY = "PAY"
    CANCEL = "CANCEL"
    REFUND = "REFUND"
    PAYOUT = "PAYOUT"
    ANSWER = "ANSWER"
    ACCEPT = "ACCEPT"


class CallState(StrEnum):
    """`PLANNED → SENT → DONE / REFUSED / UNKNOWN`. A person looks at UNKNOWN ones."""

    PLANNED = "PLANNED"
    SENT = "SENT"
    DONE = "DONE"
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"


class ProviderCall(Row, table=True):
    """A call about a payment, a part of a refund or a payout: the row `subject_id`.

    The same `key` is sent until an answer comes. Only after the provider failed in between, as in
    `is_doubtful`, and has no object with our id, the next attempt has a new one.
    """

    __tablename__ = "provider_call"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("subject_id", "purpose", "attempt"),
        CheckConstraint("attempt >= 1", name="attempt"),
        one_line_constraint("error"),
        Index(
            "provider_call_open_idx",
            "created_at",
            postgresql_where=text("state IN ('PLANNED', 'SENT', 'UNKNOWN')"),
        ),
    )
    __privacy__ = of_others(id="subject_id", none="attempt key request_hash error")

    provider: PaymentProvider = open_enum_column(PaymentProvider)
    subject_id: UUID
    purpose: CallPurpose = open_enum_column(CallPurpose)
    attempt: int = 1
    key: str = Field(max_length=MAX_KEY)
    request_hash: bytes
    state: CallState = enum_column(CallState, default=CallState.PLANNED)
    error: str | None = Field(default=None, max_length=MAX_ERROR)
    is_doubtful: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    sent_at: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def is_open(self) -> bool:
        return self.state in {CallState.PLANNED, CallState.SENT}

    @property
    def has_expired(self) -> bool:
        """Return whether the provider may have forgotten the key, so that it must not be sent."""
        return self.sent_at is not None and now() > self.sent_at + timedelta(hours=KEY_HOURS)

    @staticmethod
    def key_of(subject_id: UUID, purpose: CallPurpose, attempt: int) -> str:
        """Return the key of an attempt: lower case, as Paystack's references are."""
        return f"{subject_id}-{purpose.lower()}-{attempt}"

"""Lines of the books of payment providers, which are compared with the ledger."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, open_enum_column, optional_foreign_key, timestamp
from models.errors import Refusal
from models.ledger.entries import MAX_POSTING_LENGTH
from models.payments.payments import PaymentProvider
from models.personal_data import of_others
from models.text import OneLine, one_line_constraint

MAX_NOTE = 300
MAX_EXTERNAL_ID = 200
Note = Annotated[str, OneLine(MAX_NOTE)]


class TransactionKind(StrEnum):
    """The kind of a line of a provider.

    BALANCE and ANSWER ones are ours: a balance that differs, and an answer about a payout that has
    another amount or currency.
    """

    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    PAYOUT = "PAYOUT"
    TRANSFER = "TRANSFER"
    DISPUTE = "DISPUTE"
    FEE = "FEE"
    OTHER = "OTHER"
    BALANCE = "BALANCE"
    ANSWER = "ANSWER"

    @property
    def is_ours(self) -> bool:
        return self in OUR_KINDS


OUR_KINDS = (TransactionKind.BALANCE, TransactionKind.ANSWER)


class MatchState(StrEnum):
    """`NEW → MATCHED`, or `NEW → DISCREPANT ⇄ RESOLVED`. A late match ends a discrepancy too.

    Two lines that cancel each other, and of which nothing is posted, are MATCHED without a posting.
    """

    NEW = "NEW"
    MATCHED = "MATCHED"
    DISCREPANT = "DISCREPANT"
    RESOLVED = "RESOLVED"


class DiscrepancyCause(StrEnum):
    """Why a line does not agree with the ledger."""

    NOT_POSTED = "NOT_POSTED"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    CURRENCY_DIFFERS = "CURRENCY_DIFFERS"
    POSTED_ONCE = "POSTED_ONCE"
    BALANCE_DIFFERS = "BALANCE_DIFFERS"


class ProviderTransaction(Row, table=True):
    """A line of a provider's books, and the posting of the ledger that it agrees with.

    Money that leaves is negative. `source` is the provider's reference of the payment, refund,
    payout or dispute.
    """

    __tablename__ = "provider_transaction"
    __table_args__ = (
        UniqueConstraint("provider", "external_id"),
        UniqueConstraint("posting"),  # each posting is of one line
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("net = amount - fee", name="net"),
        CheckConstraint("state <> 'MATCHED' OR cause IS NULL", name="cause"),
        CheckConstraint("state <> 'DISCREPANT' OR cause IS NOT NULL", name="discrepant"),
        CheckConstraint("(state = 'RESOLVED') = (resolved_by IS NOT NULL)", name="resolved_by"),
        CheckConstraint("(state = 'RESOLVED') = (note IS NOT NULL)", name="resolved_note"),
        CheckConstraint("(state = 'RESOLVED') = (resolved_at IS NOT NULL)", name="resolved_at"),
        one_line_constraint("note"),
        CheckConstraint(f"char_length(note) <= {MAX_NOTE}", name="note_length"),
        Index(
            "provider_transaction_open_idx",
            "happened_at",
            "id",
            postgresql_where=text("state IN ('NEW', 'DISCREPANT')"),
        ),
        Index("provider_transaction_happened_at_idx", "provider", "happened_at"),
        Index("provider_transaction_state_idx", "state", "created_at", "id"),
    )
    __privacy__ = of_others(none="external_id amount fee net currency source posting note")

    provider: PaymentProvider = open_enum_column(PaymentProvider)
    external_id: str = Field(max_length=MAX_EXTERNAL_ID)
    kind: TransactionKind = open_enum_column(TransactionKind)
    amount: int = Field(sa_type=BigInteger)
    fee: int = Field(default=0, sa_type=BigInteger)
    net: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    source: str = Field(default="", max_length=MAX_EXTERNAL_ID)
    happened_at: datetime = timestamp()
    available_at: datetime | None = timestamp(default=None)
    state: MatchState = enum_column(MatchState, default=MatchState.NEW)
    cause: DiscrepancyCause | None = open_enum_column(DiscrepancyCause, default=None)
    posting: str | None = Field(default=None, max_length=MAX_POSTING_LENGTH)
    note: Note | None = Field(default=None)
    resolved_by: UUID | None = optional_foreign_key("user")
    resolved_at: datetime | None = timestamp(default=None)

    def match(self, posting: str | None) -> None:
        """Note the posting that it agrees with, None if another line cancels it."""
        self.state, self.cause, self.posting = MatchState.MATCHED, None, posting

    def differ(self, cause: DiscrepancyCause) -> None:
        self.state, self.cause = MatchState.DISCREPANT, cause

    def resolve(self, note: str, admin_id: UUID) -> None:
        self.state, self.note = MatchState.RESOLVED, note
        self.resolved_by, self.resolved_at = admin_id, now()

    def reopen(self) -> None:
        """Drop its explanation. The audit log has who gave it, and when."""
        self.state, self.note = MatchState.DISCREPANT, None
        self.resolved_by = self.resolved_at = None


class DiscrepancyResolved(Refusal):
    message = "This was resolved already, or agrees with the ledger by now. Reload it."
    meaning = "The line of the provider is not DISCREPANT."
    remedy = "Refetch the discrepancy."

"""Entries of the ledger: one debit, one credit, one amount."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from models.base import APPEND_ONLY, DEFERRED, UNREAD, Row
from models.journal import Xid8
from models.ledger.accounts import MAX_AMOUNT, Account
from models.personal_data import keep_rows

MAX_POSTING_LENGTH = 100
MAX_LEGS = 10_000  # of one posting: an order has at most 100 sub-orders


class PostingKind(StrEnum):
    """The kind of a posting. Its `subject` is the GraphQL type of the row that it is about."""

    subject: str

    def __new__(cls, name: str, subject: str) -> "PostingKind":
        member = str.__new__(cls, name)
        member._value_ = name
        member.subject = subject
        return member

    PAY = "PAY", "Payment"
    HOLD = "HOLD", "Order"
    UNHOLD = "UNHOLD", "Order"
    CONFIRM = "CONFIRM", "Order"
    RELEASE = "RELEASE", "Suborder"
    GRANT = "GRANT", "Refund"
    REFUND = "REFUND", "RefundPart"
    REFUND_FAILED = "REFUND_FAILED", "RefundPart"
    RETURN = "RETURN", "Payment"
    FEE = "FEE", "ProviderTransaction"
    UNRESERVE = "UNRESERVE", "Suborder"
    DISPUTE = "DISPUTE", "Dispute"
    DISPUTE_MONEY = "DISPUTE_MONEY", "Dispute"
    DISPUTE_FEE = "DISPUTE_FEE", "Dispute"
    DISPUTE_WON = "DISPUTE_WON", "Dispute"
    DISPUTE_LOST = "DISPUTE_LOST", "Dispute"
    PAYOUT = "PAYOUT", "Payout"
    PAYOUT_DONE = "PAYOUT_DONE", "Payout"
    PAYOUT_BACK = "PAYOUT_BACK", "Payout"
    PURCHASE = "PURCHASE", "Purchase"
    PACK_USE = "PACK_USE", "QuotaUse"
    PACK_END = "PACK_END", "PackGrant"
    CAMPAIGN = "CAMPAIGN", "Campaign"
    CAMPAIGN_HOLD = "CAMPAIGN_HOLD", "Campaign"
    CAMPAIGN_RELEASE = "CAMPAIGN_RELEASE", "Campaign"
    PROMO_END = "PROMO_END", "PromoMoney"
    WRITE_OFF = "WRITE_OFF", "LedgerAdjustment"
    REPAY = "REPAY", "Payment"
    SWEEP = "SWEEP", "ProviderTransaction"
    TAX = "TAX", "LedgerAdjustment"
    ADJUST = "ADJUST", "LedgerAdjustment"


class Posting(NamedTuple):
    """The key of a posting, which is made once: its kind, and the id of the row it is about.

    `number` counts those of a kind that can be made more than once for a row, from 1.
    """

    kind: PostingKind
    subject_id: UUID
    number: int = 1

    def __str__(self) -> str:
        key = f"{self.kind.lower()}:{self.subject_id}"
        return key if self.number == 1 else f"{key}:{self.number}"

    @classmethod
    def parse(cls, key: str) -> "Posting":
        kind, subject_id, *numbers = key.split(":")
        return cls(PostingKind[kind.upper()], UUID(subject_id), *map(int, numbers))


class Leg(NamedTuple):
    """An amount that moves from one account to another one. `source_id` is a more detailed row."""

    debit: Account
    credit: Account
    amount: int
    source_id: UUID | None = None


class LedgerEntry(Row, table=True):
    """An amount that was debited from one account and credited to another one, kept for good.

    So every posting is balanced, and the foreign keys make the currency that of both accounts.
    `posting` is the key of the posting that it is a part of, which is made once. Triggers refuse
    updates and deletions: an entry is corrected by another one.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("posting", "leg"),
        ForeignKeyConstraint(
            ["debit_id", "currency"], ["ledger_account.id", "ledger_account.currency"], **DEFERRED
        ),
        ForeignKeyConstraint(
            ["credit_id", "currency"], ["ledger_account.id", "ledger_account.currency"], **DEFERRED
        ),
        CheckConstraint("posting ~ '^[a-z_]{1,40}:[A-Za-z0-9_:-]{1,59}$'", name="posting"),
        CheckConstraint(f"leg BETWEEN 0 AND {MAX_LEGS - 1}", name="leg"),
        CheckConstraint(f"amount BETWEEN 1 AND {MAX_AMOUNT}", name="amount"),
        CheckConstraint("debit_id <> credit_id", name="credit_id"),
        Index("ledger_entry_debit_id_idx", "debit_id", "xid"),
        Index("ledger_entry_credit_id_idx", "credit_id", "xid"),
        Index("ledger_entry_xid_idx", "xid"),
        Index("ledger_entry_debit_page_idx", "debit_id", "created_at", "id"),
        Index("ledger_entry_credit_page_idx", "credit_id", "created_at", "id"),
        APPEND_ONLY,
    )
    __privacy__ = keep_rows(
        of="debit_id credit_id", id="source_id", none="posting leg currency amount xid"
    )

    posting: str = Field(max_length=MAX_POSTING_LENGTH)
    leg: int
    debit_id: UUID
    credit_id: UUID
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=BigInteger)
    source_id: UUID | None = None
    xid: int = Field(
        default=None,
        sa_column=Column(
            Xid8, nullable=False, server_default=text("pg_current_xact_id()"), info=UNREAD
        ),
    )

    @property
    def key(self) -> str:
        return f"{self.posting}:{self.leg}"

    @property
    def posted(self) -> Posting:
        """Return the posting that it is a part of."""
        return Posting.parse(self.posting)

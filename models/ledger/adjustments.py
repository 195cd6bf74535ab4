"""Adjustments: money that one admin proposes to move, and that another one approves."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from core.clock import now
from models.base import (
    Row,
    enum_column,
    foreign_key,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.errors import Refusal
from models.ledger.accounts import MAX_AMOUNT, Account, AccountKind, Owner
from models.ledger.entries import Posting, PostingKind
from models.ledger.promo_money import MAX_VALID_DAYS
from models.personal_data import keep_rows
from models.text import OneLine, one_line_constraint

MAX_REASON_LENGTH = 200
MAX_RECEIPT_LENGTH = 100
Reason = Annotated[str, OneLine(MAX_REASON_LENGTH)]
Receipt = Annotated[str, OneLine(MAX_RECEIPT_LENGTH, web_addresses=False)]
# The accounts between which admins can move money. Orders, refunds and payouts post all else.
ADJUSTABLE = frozenset(
    (debit, credit)
    for wallet in (AccountKind.WALLET, AccountKind.WALLET_PROMO)
    for ours in (AccountKind.BANK, AccountKind.LOSSES, AccountKind.PROMOTIONS)
    for debit, credit in ((ours, wallet), (wallet, ours))
)
# The amount that is written off of a debt of a vendor. It is proposed by a mutation of its own.
WRITE_OFF = (AccountKind.LOSSES, AccountKind.V_AVAILABLE)
# The debts of the platform to tax authorities. They are paid from BANK, by a mutation of their own.
TAXES = (AccountKind.GST_OUT, AccountKind.TCS_DUE, AccountKind.TDS_DUE)
_NAMES = ", ".join(f"'{kind}'" for kind in TAXES)


class AdjustmentState(StrEnum):
    """`PENDING → APPROVED / REJECTED`."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class LedgerAdjustment(Row, table=True):
    """Money that is moved between a wallet and an account of the platform, for a reason.

    Or a debt of a vendor that is written off, or a tax that the platform has paid: then it has no
    owner, and `reference` is the number of the receipt. It is posted when another admin than its
    proposer approves it. Promotional money ends `valid_days` after that; None means never.
    """

    __tablename__ = "ledger_adjustment"
    __table_args__ = (
        one_line_constraint("reason"),
        CheckConstraint(f"char_length(reason) <= {MAX_REASON_LENGTH}", name="reason_length"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(f"amount BETWEEN 1 AND {MAX_AMOUNT}", name="amount"),
        CheckConstraint("debit <> credit", name="credit"),
        CheckConstraint(
            f"valid_days IS NULL OR (valid_days BETWEEN 1 AND {MAX_VALID_DAYS}"
            " AND credit = 'WALLET_PROMO')",
            name="valid_days",
        ),
        CheckConstraint(
            f"(owner_id IS NULL) = (credit = 'BANK' AND debit IN ({_NAMES}))", name="owner_id"
        ),
        one_line_constraint("reference"),
        CheckConstraint(
            "(reference IS NULL) = (owner_id IS NOT NULL)"
            f" AND char_length(reference) <= {MAX_RECEIPT_LENGTH}",
            name="reference",
        ),
        CheckConstraint("(state = 'PENDING') = (decided_by IS NULL)", name="decided_by"),
        CheckConstraint("(state = 'PENDING') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("state <> 'APPROVED' OR decided_by <> proposed_by", name="two_persons"),
        Index("ledger_adjustment_state_idx", "state", "created_at", "id"),
        Index("ledger_adjustment_created_at_idx", "created_at", "id"),
        Index("ledger_adjustment_owner_id_idx", "owner_id", "created_at", "id"),
        Index(
            "ledger_adjustment_reference_key",
            "debit",
            "currency",
            "reference",
            unique=True,
            postgresql_where=text("reference IS NOT NULL AND state <> 'REJECTED'"),
        ),
    )
    __privacy__ = keep_rows(
        of="owner_id", id="owner_id", none="currency amount reason reference valid_days"
    )

    debit: AccountKind = open_enum_column(AccountKind)
    credit: AccountKind = open_enum_column(AccountKind)
    owner_id: UUID | None = None
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=BigInteger)
    reason: Reason
    reference: Receipt | None = None
    valid_days: int | None = None
    state: AdjustmentState = enum_column(AdjustmentState, default=AdjustmentState.PENDING)
    proposed_by: UUID = foreign_key("user")
    decided_by: UUID | None = optional_foreign_key("user")
    decided_at: datetime | None = timestamp(default=None)

    def account(self, kind: AccountKind) -> Account:
        """Return the account of a kind: the owner's, or the platform's."""
        owned = kind.owner is not Owner.PLATFORM
        return Account(kind, self.currency, self.owner_id if owned else None)

    @property
    def is_write_off(self) -> bool:
        return (self.debit, self.credit) == WRITE_OFF

    @property
    def posting(self) -> Posting:
        if self.debit in TAXES:
            return Posting(PostingKind.TAX, self.id)
        kind = PostingKind.WRITE_OFF if self.is_write_off else PostingKind.ADJUST
        return Posting(kind, self.id)

    def decide(self, state: AdjustmentState, admin_id: UUID) -> None:
        self.state, self.decided_by, self.decided_at = state, admin_id, now()


class AdjustmentDraft(BaseModel, frozen=True):
    """Validated input of an adjustment."""

    debit: AccountKind
    credit: AccountKind
    currency: str
    amount: Annotated[int, Range(ge=1, le=MAX_AMOUNT)]
    reason: Reason
    valid_days: Annotated[int, Range(ge=1, le=MAX_VALID_DAYS)] | None = None

    def ensure_adjustable(self) -> None:
        """Raise `AccountsNotAdjustable` unless the pair is one that adjustments are for."""
        if (self.debit, self.credit) not in ADJUSTABLE:
            raise AccountsNotAdjustable


class AccountsNotAdjustable(Refusal):
    message = "Money cannot be moved between these accounts. One must be a wallet."
    meaning = "The pair of accounts is not one that adjustments are for."
    remedy = "Choose a wallet and an account of the platform, such as LOSSES."


class SecondAdminNeeded(Refusal):
    message = "Another admin than the one who proposed this must approve it."
    meaning = "The viewer proposed the adjustment, so another admin has to approve it."
    remedy = "Ask another admin to approve the adjustment, or reject it."


class OwnWallet(Refusal):
    message = "You cannot adjust your own wallet, or that of a business you work for."
    meaning = "The admin is the owner of the wallet, or a member of the vendor that is."
    remedy = "Ask another admin."


class AdjustmentDecided(Refusal):
    message = "This adjustment has been approved or rejected already."
    meaning = "The adjustment is not PENDING."
    remedy = "Refetch the adjustment."

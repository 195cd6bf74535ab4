"""Files of transfers for the platform's bank: made by one admin, and approved by another one."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
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
from models.orders.orders import minor_units
from models.personal_data import of_others

MAX_IN_FILE = 500


class PayoutFormat(StrEnum):
    """The format of a file, which follows from its currency."""

    NEFT_CSV = "NEFT_CSV"
    SEPA_XML = "SEPA_XML"

    @classmethod
    def of(cls, currency: str) -> "PayoutFormat | None":
        return {"INR": cls.NEFT_CSV, "EUR": cls.SEPA_XML}.get(currency)


class PayoutFileState(StrEnum):
    """`MADE → APPROVED`, or `MADE → CANCELLED`. Only APPROVED ones can be downloaded."""

    MADE = "MADE"
    APPROVED = "APPROVED"
    CANCELLED = "CANCELLED"


class PayoutFile(Row, table=True):
    """Payouts in one currency that go to the bank together. What is in it never changes."""

    __tablename__ = "payout_file"
    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(f"count BETWEEN 1 AND {MAX_IN_FILE}", name="count"),
        CheckConstraint("total > 0", name="total"),
        CheckConstraint("(state = 'MADE') = (decided_by IS NULL)", name="decided_by"),
        CheckConstraint("(state = 'MADE') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("state <> 'APPROVED' OR decided_by <> made_by", name="two_persons"),
        Index("payout_file_created_at_idx", "created_at", "id"),
    )
    __privacy__ = of_others(none="currency count total")

    currency: str = Field(max_length=3)
    format: PayoutFormat = open_enum_column(PayoutFormat)
    state: PayoutFileState = enum_column(PayoutFileState, default=PayoutFileState.MADE)
    count: int
    total: int = minor_units()
    made_by: UUID = foreign_key("user")
    decided_by: UUID | None = optional_foreign_key("user")
    decided_at: datetime | None = timestamp(default=None)

    def decide(self, state: PayoutFileState, admin_id: UUID) -> None:
        self.state, self.decided_by, self.decided_at = state, admin_id, now()


class NoPayoutsPlanned(Refusal):
    message = "No payouts in this currency wait for a file."
    meaning = "No BANK_FILE payout in this currency is PLANNED and has an account that is ready."
    remedy = "List the payouts that are PLANNED."


class PayoutFilesOff(Refusal):
    message = "Files in this currency are not set up on this server."
    meaning = "No format has the currency, or the platform's own account is not configured."
    remedy = "Set PAYOUT_DEBTOR_NAME, and PAYOUT_DEBTOR_IBAN or PAYOUT_DEBTOR_ACCOUNT."


class OtherAdminNeeded(Refusal):
    message = "Another admin than the one who began this must approve it."
    meaning = "The viewer made the file or noted the return, so another admin has to decide."
    remedy = "Ask another admin to approve it, or cancel it."

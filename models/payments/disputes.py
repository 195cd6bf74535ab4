"""Disputes: buyers' banks that take money back. They change no order and no stock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.clock import now
from core.media.file_types import PDF
from core.sizes import MEGABYTE
from models.base import (
    APPEND_ONLY,
    Row,
    enum_column,
    foreign_key,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.errors import InvalidInput, Refusal
from models.orders.orders import minor_units
from models.payments.payments import MAX_REFERENCE, PaymentProvider, Reference
from models.personal_data import of_others
from models.text import OneLine, Paragraphs, one_line_constraint
from models.uploads import IMAGE_TYPES, Upload, UploadPurpose

VENDOR_HOURS = 48  # before the provider's deadline, from which on admins alone answer
REMIND_HOURS = 24  # before the deadline of the vendors
SEND_HOURS = 6  # before the provider's deadline, when what there is is sent
FILE_HOURS = 2  # before it, when it is sent without files that the provider has not taken
MAX_DISPUTE_REASON = 60
MAX_EVIDENCE = 5_000
MAX_EVIDENCE_LINE = 200
MAX_EVIDENCE_FILES = 5
MAX_DISPUTE_FILES = 20  # of all evidence of one dispute, which are sent as one document
MAX_DISPUTE_BYTES = 4 * MEGABYTE
EVIDENCE_TYPES = frozenset({*IMAGE_TYPES, PDF})
MAX_EVIDENCES = 20  # of one vendor in a dispute, or of the platform
MAX_DISPUTE_TURNS = 50
MAX_BOOKINGS = 100  # of one dispute


class DisputeState(StrEnum):
    """`WARNING, NEEDS_RESPONSE → UNDER_REVIEW → WON / LOST`.

    A WARNING asks a question, and takes no money.
    """

    WARNING = "WARNING"
    NEEDS_RESPONSE = "NEEDS_RESPONSE"
    UNDER_REVIEW = "UNDER_REVIEW"
    WON = "WON"
    LOST = "LOST"

    @property
    def is_final(self) -> bool:
        return self in {DisputeState.WON, DisputeState.LOST}

    def can_become(self, state: "DisputeState", *, moved: bool) -> bool:
        """Return whether the state is newer. Answers of a provider can arrive in any order.

        Money that has `moved` since is proof of that: banks decide again, also what has ended.
        """
        ranks = list(DisputeState)
        return moved or (not self.is_final and ranks.index(state) > ranks.index(self))


class Hold(StrEnum):
    """The state of the shares of a dispute: with their vendors, frozen, or lost."""

    FREE = "FREE"
    HELD = "HELD"
    LOST = "LOST"


OPEN_STATES = [state for state in DisputeState if not state.is_final]
OPEN_DISPUTES = "dispute_state NOT IN ('WON', 'LOST')"


class Dispute(Row, table=True):
    """A dispute of a payment, as its provider has it.

    `held` is the part of the amount that was not refunded before, which its vendors bear. The
    money is taken from `taken_at` on, for the time that `turns` counts: a bank can decide again.
    `kept` came back of one that stays lost, and is the platform's. `answered_at` is the time of the
    only answer: one to a warning is forgotten when the bank takes the money, and asks again.
    `file_reference` is what the provider calls the file of the answer. With `accepted_at`, the
    answer is that the buyer keeps the money.
    """

    __table_args__ = (
        CheckConstraint("amount > 0 AND fee >= 0 AND held BETWEEN 0 AND amount", name="amount"),
        CheckConstraint(f"turns BETWEEN 0 AND {MAX_DISPUTE_TURNS}", name="turns"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        one_line_constraint("reference"),
        CheckConstraint(f"char_length(reference) <= {MAX_REFERENCE}", name="reference_length"),
        one_line_constraint("reason"),
        one_line_constraint("file_reference"),
        CheckConstraint(
            f"char_length(file_reference) <= {MAX_REFERENCE}", name="file_reference_length"
        ),
        CheckConstraint(
            "(ended_at IS NOT NULL) = (dispute_state IN ('WON', 'LOST'))", name="ended_at"
        ),
        UniqueConstraint("provider", "reference"),
        Index("dispute_payment_id_idx", "payment_id"),
        Index("dispute_created_at_idx", "created_at", "id"),
        Index("dispute_state_idx", "dispute_state", "created_at", "id"),
        Index("dispute_open_idx", "checked_at", postgresql_where=text(OPEN_DISPUTES)),
    )
    __privacy__ = of_others(
        none="reference reason amount held kept fee turns currency file_reference"
    )

    payment_id: UUID = foreign_key("payment", index=False)
    provider: PaymentProvider = open_enum_column(PaymentProvider)
    reference: Reference
    dispute_state: DisputeState = enum_column(DisputeState)
    reason: str = Field(max_length=MAX_DISPUTE_REASON)
    amount: int = minor_units()
    held: int = minor_units(default=0)
    kept: int = minor_units(default=0, sa_column_kwargs={"server_default": "0"})
    fee: int = minor_units(default=0)
    turns: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    currency: str = Field(max_length=3)
    refundable: bool = False
    due_at: datetime | None = timestamp(default=None)
    taken_at: datetime | None = timestamp(default=None)
    sending_at: datetime | None = timestamp(default=None)
    answered_at: datetime | None = timestamp(default=None)
    accepted_at: datetime | None = timestamp(default=None)
    reminded_at: datetime | None = timestamp(default=None)
    escalated_at: datetime | None = timestamp(default=None)
    asked_again_at: datetime | None = timestamp(default=None)
    file_reference: Reference | None = Field(default=None)
    checked_at: datetime = timestamp(default_factory=now)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def hold(self) -> Hold:
        """Return where the ledger has the money now."""
        if self.taken_at is None or self.dispute_state is DisputeState.WON:
            return Hold.FREE
        return Hold.LOST if self.dispute_state is DisputeState.LOST else Hold.HELD

    @property
    def was_warning(self) -> bool:
        """Return whether the bank asked first, and has taken the money since."""
        return self.asked_again_at is not None

    @property
    def asked_at(self) -> datetime:
        """Return since when the bank waits for this answer. It takes one more after a warning."""
        return self.asked_again_at or self.created_at

    def ask_again(self) -> None:
        """Wait for evidence once more: the bank has only asked before, and takes the money now."""
        self.asked_again_at = now()
        self.sending_at = self.answered_at = None
        self.accepted_at = None
        self.reminded_at = self.escalated_at = self.file_reference = None

    @property
    def vendor_due_at(self) -> datetime | None:
        """Return the time until which vendors answer."""
        return self.due_at - timedelta(hours=VENDOR_HOURS) if self.due_at else None

    @property
    def is_waiting(self) -> bool:
        """Return whether the bank waits for an answer."""
        waits = {DisputeState.WARNING, DisputeState.NEEDS_RESPONSE}
        return self.dispute_state in waits and self.sending_at is None

    @property
    def is_answerable(self) -> bool:
        return self.is_waiting and (self.due_at is None or now() < self.due_at)

    @property
    def waits_for_file(self) -> bool:
        """Return whether the answer waits until the provider has its files."""
        return (
            self.sending_at is not None
            and self.answered_at is None
            and self.accepted_at is None
            and self.file_reference is None
            and not self.dispute_state.is_final
        )

    def ensure_answerable(self, *, by_vendor: bool) -> None:
        """Raise `DisputeClosed` unless an answer is awaited, of vendors until their deadline."""
        over = by_vendor and self.vendor_due_at is not None and now() >= self.vendor_due_at
        if over or not self.is_answerable:
            raise DisputeClosed


class DisputeBooking(SQLModel, table=True):
    """A line of the provider's books about a dispute, which is posted once, by its number.

    Money that leaves is negative, and so is a fee that comes back.
    """

    __tablename__ = "dispute_booking"
    __table_args__ = (
        CheckConstraint(f"number BETWEEN 1 AND {MAX_BOOKINGS}", name="number"),
        CheckConstraint("amount <> 0 OR fee <> 0", name="amount"),
        one_line_constraint("reference"),
        CheckConstraint(f"char_length(reference) <= {MAX_REFERENCE}", name="reference_length"),
        UniqueConstraint("dispute_id", "reference"),
        Index("dispute_booking_reference_idx", "reference"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="number reference amount fee")

    dispute_id: UUID = foreign_key("dispute", primary_key=True, index=False)
    number: int = Field(primary_key=True)
    reference: Reference
    amount: int = minor_units()
    fee: int = minor_units(default=0)
    created_at: datetime = timestamp(default_factory=now)


class DisputeShare(Row, table=True):
    """The share of a sub-order in a dispute, which its vendor bears.

    The platform would give back `commission`, the tax on it, TCS and TDS, and take back
    `promotion`, its own discount. What is left is frozen in the reserve of the vendor while the
    bank has the money.
    """

    __tablename__ = "dispute_share"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "least(promotion, commission, commission_tax, tcs, tds) >= 0", name="deductions"
        ),
        UniqueConstraint("dispute_id", "suborder_id"),
        Index("dispute_share_suborder_id_idx", "suborder_id"),
    )
    __privacy__ = of_others(none="amount promotion commission commission_tax tcs tds")

    dispute_id: UUID = foreign_key("dispute", index=False)
    suborder_id: UUID = foreign_key("suborder", index=False)
    amount: int = minor_units()
    promotion: int = minor_units(default=0)
    commission: int = minor_units(default=0)
    commission_tax: int = minor_units(default=0)
    tcs: int = minor_units(default=0)
    tds: int = minor_units(default=0)

    @property
    def given_back(self) -> int:
        """Return what the platform gives back of its commission and of taxes."""
        return self.commission + self.commission_tax + self.tcs + self.tds

    @property
    def from_vendor(self) -> int:
        """Return what the vendor pays of the amount."""
        return max(0, self.amount - self.given_back)

    @property
    def frozen(self) -> int:
        """Return what the vendor loses with the dispute."""
        return self.from_vendor + self.promotion


class DisputeEvidence(Row, table=True):
    """The answer of a vendor, or of the platform without a `vendor_id`, to a dispute."""

    __tablename__ = "dispute_evidence"
    __table_args__ = (
        *(one_line_constraint(one) for one in ("carrier", "tracking_number")),
        Index("dispute_evidence_dispute_id_idx", "dispute_id", "created_at", "id"),
    )
    __privacy__ = of_others(none="explanation carrier tracking_number")

    dispute_id: UUID = foreign_key("dispute", index=False)
    vendor_id: UUID | None = optional_foreign_key("vendor", index=False)
    author_id: UUID | None = optional_foreign_key("user")
    explanation: str = Field(max_length=MAX_EVIDENCE)
    carrier: str | None = Field(default=None, max_length=MAX_EVIDENCE_LINE)
    tracking_number: str | None = Field(default=None, max_length=MAX_EVIDENCE_LINE)


class DisputeFile(SQLModel, table=True):
    """A file that belongs to the evidence."""

    __tablename__ = "dispute_file"
    __table_args__ = (
        CheckConstraint(f"position BETWEEN 0 AND {MAX_EVIDENCE_FILES - 1}", name="position"),
        Index("dispute_file_upload_id_idx", "upload_id"),
    )
    __privacy__ = of_others(none="position")

    evidence_id: UUID = foreign_key("dispute_evidence", primary_key=True, index=False)
    position: int = Field(primary_key=True)
    upload_id: UUID = foreign_key("upload", index=False)


Line = Annotated[str, OneLine(MAX_EVIDENCE_LINE)]


class EvidenceDraft(BaseModel, frozen=True):
    """Validated input of evidence."""

    explanation: Annotated[str, Paragraphs(MAX_EVIDENCE)]
    carrier: Line | None = None
    tracking_number: Line | None = None
    upload_ids: Annotated[list[UUID], Range(max_length=MAX_EVIDENCE_FILES)] = []


def ensure_evidence(uploads: Sequence[Upload]) -> None:
    """Raise `InvalidInput` unless banks take these files, together with those given before."""
    for upload in uploads:
        if upload.purpose is not UploadPurpose.DOCUMENT or (
            upload.content_type not in EVIDENCE_TYPES
        ):
            raise InvalidInput(
                "Banks take pictures and PDF documents. Upload the file as one of them.",
                field=["uploadIds"],
            )
    if len(uploads) > MAX_DISPUTE_FILES or sum(one.size for one in uploads) > MAX_DISPUTE_BYTES:
        raise InvalidInput(
            "All files of a dispute together can have at most {most} MB. Upload smaller ones.",
            field=["uploadIds"],
            most=MAX_DISPUTE_BYTES // MEGABYTE,
        )


class PaymentDisputed(Refusal):
    message = "The buyer's bank disputes this payment, so it cannot be refunded now."
    meaning = "A dispute holds the money, or has taken it: a refund could pay the buyer twice."
    remedy = "Refetch the order, and wait until the dispute has ended."


class DisputeClosed(Refusal):
    message = "This dispute takes no answer any more. Reload it."
    meaning = (
        "The dispute was answered, has ended, or its deadline is over: that of vendors is"
        f" {VENDOR_HOURS} hours before the bank's."
    )
    remedy = "Refetch the dispute."

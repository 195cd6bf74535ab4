"""Fraud cases: attempts that were held or blocked, and the reviews of them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field

from core.clock import now
from models.base import (
    Row,
    enum_column,
    foreign_key,
    json,
    open_enum_column,
    optional_foreign_key,
    timestamp,
)
from models.errors import Refusal
from models.fraud.rules import Factor
from models.personal_data import blank_values, delete_rows, keep_rows, of_others
from models.text import Paragraphs

MAX_NOTE_LENGTH = 2_000
MAX_CASE_NOTES = 200  # of a case
LEASE_MINUTES = 15
CaseNoteText = Annotated[str, Paragraphs(MAX_NOTE_LENGTH)]


class CaseState(StrEnum):
    """`OPEN ⇄ UNDER_REVIEW → RESOLVED`. The decision and its effect are one transaction."""

    OPEN = "OPEN"
    UNDER_REVIEW = "UNDER_REVIEW"
    RESOLVED = "RESOLVED"


class CaseDecision(StrEnum):
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class CaseEffect(StrEnum):
    """The effect of a hold's end on the redemption. Its decision can come later, or never."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    TIMED_OUT = "TIMED_OUT"
    NONE = "NONE"


class RedemptionFactor(Row, table=True):
    """A factor that gave an attempt points. `facts` are numbers: the value and the limit."""

    __tablename__ = "redemption_factor"
    __table_args__ = (
        UniqueConstraint("redemption_id", "factor"),
        CheckConstraint("points BETWEEN -100 AND 100 AND points <> 0", name="points"),
    )
    __privacy__ = blank_values(
        of="redemption_id", none="points", secrets="facts", blank={"facts": "'{}'::jsonb"}
    )

    redemption_id: UUID = foreign_key("redemption", index=False)
    factor: Factor = open_enum_column(Factor)
    points: int
    facts: dict[str, Any] = json(default_factory=dict)

    @property
    def value(self) -> float | None:
        return self.facts.get("value")

    @property
    def limit(self) -> float | None:
        return self.facts.get("limit")


class FraudCase(Row, table=True):
    """The review of an attempt that was held or blocked.

    `hold_ends_at` is None for a blocked attempt, whose voucher is not held. `effect` is None while
    the attempt is held. A taken case is its reviewer's until `lease_until`. `sampled` ones are of
    approved attempts, drawn at random: their labels show how many the score has missed.
    """

    __tablename__ = "fraud_case"
    __table_args__ = (
        UniqueConstraint("redemption_id"),
        Index("fraud_case_score_idx", "score", "id"),
        Index("fraud_case_created_at_idx", "created_at", "id"),
        Index("fraud_case_vendor_id_score_idx", "vendor_id", "score", "id"),
        Index("fraud_case_vendor_id_created_at_idx", "vendor_id", "created_at", "id"),
        Index(
            "fraud_case_hold_ends_at_idx",
            "hold_ends_at",
            postgresql_where=text("effect IS NULL"),
        ),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint(
            "(state = 'UNDER_REVIEW') = (lease_until IS NOT NULL)"
            " AND (lease_until IS NULL OR taken_by_id IS NOT NULL)",
            name="lease",
        ),
        CheckConstraint(
            "(state = 'RESOLVED') = (decision IS NOT NULL)"
            " AND (decision IS NULL) = (decided_at IS NULL)"
            " AND (decision IS NULL) = (decided_by_id IS NULL)",
            name="decision",
        ),
        CheckConstraint(
            "(state <> 'RESOLVED' OR effect IS NOT NULL)"
            " AND (hold_ends_at IS NOT NULL OR effect = 'NONE')",
            name="effect",
        ),
        CheckConstraint("NOT sampled OR hold_ends_at IS NULL", name="sampled"),
    )
    __privacy__ = keep_rows(none="score sampled")

    redemption_id: UUID = foreign_key("redemption", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)
    user_id: UUID = foreign_key("user")
    score: int
    sampled: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    state: CaseState = enum_column(CaseState, default=CaseState.OPEN)
    hold_ends_at: datetime | None = timestamp(default=None)
    review_until: datetime = timestamp()
    taken_by_id: UUID | None = optional_foreign_key("user")
    lease_until: datetime | None = timestamp(default=None)
    decision: CaseDecision | None = enum_column(CaseDecision, default=None, nullable=True)
    decided_by_id: UUID | None = optional_foreign_key("user")
    decided_at: datetime | None = timestamp(default=None)
    effect: CaseEffect | None = enum_column(CaseEffect, default=None, nullable=True)

    @property
    def is_held(self) -> bool:
        return self.effect is None

    @property
    def state_now(self) -> CaseState:
        """Return the state. A case whose lease is over is open again."""
        lapsed = self.lease_until is not None and self.lease_until <= now()
        return CaseState.OPEN if lapsed else self.state

    def ensure_free(self, user_id: UUID) -> None:
        """Raise `CaseResolved`, or `CaseTaken` while it is another reviewer's."""
        if self.state is CaseState.RESOLVED:
            raise CaseResolved
        if self.state_now is CaseState.UNDER_REVIEW and self.taken_by_id != user_id:
            until = self.lease_until or now()
            raise CaseTaken(until=until)

    def take(self, user_id: UUID) -> None:
        self.state, self.taken_by_id = CaseState.UNDER_REVIEW, user_id
        self.lease_until = now() + timedelta(minutes=LEASE_MINUTES)

    def give_back(self) -> None:
        """End a lease. The case is open again."""
        self.state, self.lease_until, self.taken_by_id = CaseState.OPEN, None, None

    def resolve(self, user_id: UUID, decision: CaseDecision, effect: CaseEffect) -> None:
        self.state, self.lease_until = CaseState.RESOLVED, None
        self.decision, self.decided_by_id, self.decided_at = decision, user_id, now()
        self.effect = self.effect or effect


class FraudCaseNote(Row, table=True):
    """A note of a reviewer. It may be about the customer, with whose account it is erased."""

    __tablename__ = "fraud_case_note"
    __table_args__ = (
        CheckConstraint(f"char_length(text) BETWEEN 1 AND {MAX_NOTE_LENGTH}", name="text"),
        Index("fraud_case_note_case_id_idx", "case_id", "created_at", "id"),
    )
    __privacy__ = delete_rows(of="case_id", secrets="text")

    case_id: UUID = foreign_key("fraud_case", index=False)
    author_id: UUID = foreign_key("user")
    text: CaseNoteText = Field(max_length=MAX_NOTE_LENGTH)


class CaseLabel(Row, table=True):
    """A factor of a resolved case, and whether the reviewer confirmed it."""

    __tablename__ = "case_label"
    __table_args__ = (UniqueConstraint("case_id", "factor"),)
    __privacy__ = of_others()

    case_id: UUID = foreign_key("fraud_case", index=False)
    factor: Factor = open_enum_column(Factor)
    confirmed: bool


class CaseNoteDraft(BaseModel, frozen=True):
    """Validated input of a note."""

    text: CaseNoteText


class CaseTaken(Refusal):
    message = "Another reviewer has this case until {until}. Choose another one."
    meaning = "Another reviewer has taken the case, and their lease is not over."
    remedy = "Show the queue. The case can be taken again after `until`."

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until=until)
        self.until = until


class CaseResolved(Refusal):
    message = "This case is already decided. Reload it."
    meaning = "The case was decided, for good."
    remedy = "Refetch the case."


class OwnScan(Refusal):
    message = "You took part in this redemption, so you cannot decide on it. Ask a colleague."
    meaning = "The viewer scanned the voucher, or is its holder."
    remedy = "Ask another reviewer."


class CaseNoteLimitReached(Refusal):
    message = "A case can have at most {most} notes."
    meaning = "The case has the maximum number of notes."
    remedy = "Decide the case."

"""Sweeps of the ledger: its balances, compared with its entries and with the rows behind them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from models.base import Row, json
from models.personal_data import of_others

MAX_FINDINGS = 100  # of a sweep; it stops looking there
MAX_SUBJECT_LENGTH = 120
KEPT_DAYS = 400


class LedgerRule(StrEnum):
    """A rule that all rows together follow, whichever code wrote them."""

    GUARDED_BALANCE = "GUARDED_BALANCE"
    SNAPSHOT = "SNAPSHOT"
    ZERO_SUM = "ZERO_SUM"
    EXPLAINED = "EXPLAINED"
    UNCLAIMED = "UNCLAIMED"
    HELD = "HELD"
    OWNER = "OWNER"
    ADJUSTMENT = "ADJUSTMENT"
    PARCELS = "PARCELS"


@dataclass(frozen=True)
class LedgerFinding:
    """A row that breaks a rule, and by how many minor units or units it does."""

    rule: LedgerRule
    subject: str
    difference: int


class LedgerSweep(Row, table=True):
    """A sweep of the whole ledger, and what it found. Nothing is found if all is right."""

    __tablename__ = "ledger_sweep"
    __table_args__ = (
        CheckConstraint("entries >= 0 AND milliseconds >= 0", name="entries"),
        CheckConstraint(
            f"finding_count BETWEEN 0 AND {MAX_FINDINGS}"
            " AND finding_count = jsonb_array_length(findings)",
            name="finding_count",
        ),
        Index("ledger_sweep_created_at_idx", "created_at", "id"),
    )
    __privacy__ = of_others(none="entries milliseconds finding_count findings")

    entries: int = Field(sa_type=BigInteger)
    milliseconds: int
    finding_count: int = 0
    findings: list[dict[str, Any]] = json(default_factory=list)

    @classmethod
    def of(cls, entries: int, milliseconds: int, findings: Sequence[LedgerFinding]) -> Self:
        return cls(
            entries=entries,
            milliseconds=milliseconds,
            finding_count=len(findings),
            findings=[asdict(one) for one in findings],
        )

    @property
    def found(self) -> list[LedgerFinding]:
        return [
            LedgerFinding(LedgerRule(one["rule"]), one["subject"], one["difference"])
            for one in self.findings
        ]

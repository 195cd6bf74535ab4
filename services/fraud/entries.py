"""Journal entries about fraud cases."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class FraudCaseChanged(Entry, kind="fraud_case"):
    """A case was opened, taken, given back, noted or decided, or its hold has ended."""

    case_id: UUID

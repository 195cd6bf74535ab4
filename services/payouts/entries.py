"""Journal entries of payouts."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class PayoutsChanged(Entry, kind="payouts.changed"):
    """A vendor's payout has changed, or, without one, its balance or its payout account."""

    payout_id: UUID | None = None

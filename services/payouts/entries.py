"""Journal entries of payouts."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class PayoutChanged(Entry, kind="payouts.payout_changed"):
    """A payout was planned, sent, paid, or has failed: the balance has changed with it."""

    payout_id: UUID


@dataclass(frozen=True)
class PayoutBalanceChanged(Entry, kind="payouts.balance_changed"):
    """The balance of a vendor has changed, or its payout account or terms."""

    vendor_id: UUID

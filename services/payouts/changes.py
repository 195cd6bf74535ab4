"""Announces changes of payouts to the members of a vendor."""

from uuid import UUID

from core.statements.units import UnitOfWork
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.payouts.entries import PayoutBalanceChanged, PayoutChanged


def publish_change(unit: UnitOfWork, vendor_id: UUID, payout_id: UUID | None = None) -> None:
    """Publish that a payout, the balance or the payout account of a vendor has changed."""
    entry = PayoutBalanceChanged(vendor_id) if payout_id is None else PayoutChanged(payout_id)
    journal.append(unit, entry, to=[vendor_topic(vendor_id)])

"""Announces changes of payouts to the members of a vendor."""

from uuid import UUID

from core.statements.units import UnitOfWork
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.payouts.entries import PayoutsChanged


def publish_change(unit: UnitOfWork, vendor_id: UUID, payout_id: UUID | None = None) -> None:
    """Publish that a payout, the balance or the payout account of a vendor has changed."""
    journal.append(unit, PayoutsChanged(payout_id), to=[vendor_topic(vendor_id)])

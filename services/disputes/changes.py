"""Changes of disputes, which the members of their vendors follow."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.statements.units import UnitOfWork
from models.payments.disputes import Dispute
from services.journal import append as journal
from services.journal.entries import Entry
from services.journal.topics import vendor_topic


@dataclass(frozen=True)
class DisputeChanged(Entry, kind="dispute.changed"):
    """A dispute was opened, answered or decided."""

    dispute_id: UUID


def publish_dispute(unit: UnitOfWork, dispute: Dispute, vendor_ids: Iterable[UUID]) -> None:
    for vendor_id in vendor_ids:
        journal.append(unit, DisputeChanged(dispute.id), to=[vendor_topic(vendor_id)])

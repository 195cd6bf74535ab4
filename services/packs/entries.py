"""Journal entries of packs."""

from dataclasses import dataclass
from uuid import UUID

from core.statements.units import UnitOfWork
from services.journal import append as journal
from services.journal.entries import Entry
from services.journal.topics import vendor_topic


@dataclass(frozen=True)
class PackBalanceChanged(Entry, kind="pack.balance"):
    """A vendor bought, used or lost quota, or a subscription of it has changed."""

    vendor_id: UUID


def publish_balance(unit: UnitOfWork, vendor_id: UUID) -> None:
    journal.append(unit, PackBalanceChanged(vendor_id), to=[vendor_topic(vendor_id)])

"""Journal entries of purchases."""

from dataclasses import dataclass
from uuid import UUID

from core.statements.units import UnitOfWork
from models.purchases import Purchase
from services.journal import append as journal
from services.journal.entries import Entry
from services.journal.topics import user_topic, vendor_topic


@dataclass(frozen=True)
class PurchaseChanged(Entry, kind="purchase.changed"):
    """A purchase was made, paid, ended or refunded."""

    purchase_id: UUID


def publish_purchase(unit: UnitOfWork, purchase: Purchase) -> None:
    """Publish a change to the buyer, and to the vendor if it is a vendor's."""
    topics = [user_topic(purchase.user_id)]
    if purchase.vendor_id is not None:
        topics.append(vendor_topic(purchase.vendor_id))
    journal.append(unit, PurchaseChanged(purchase.id), to=topics)

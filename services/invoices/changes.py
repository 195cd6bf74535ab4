"""Changes of invoices, which their buyers and the members of vendors follow."""

from dataclasses import dataclass
from uuid import UUID

from core.statements.units import UnitOfWork
from models.invoices.invoices import Invoice
from services.journal import append as journal
from services.journal.entries import Entry
from services.journal.topics import user_topic, vendor_topic


@dataclass(frozen=True)
class InvoiceChanged(Entry, kind="invoice.changed"):
    """A document was issued, or its PDF can be downloaded."""

    invoice_id: UUID


def publish_invoice(unit: UnitOfWork, invoice: Invoice) -> None:
    """Publish a change to the buyer, and to the vendor that issued it or that it is for."""
    topics = []
    if invoice.buyer_id is not None:
        topics.append(user_topic(invoice.buyer_id))
    if invoice.vendor_id is not None:
        topics.append(vendor_topic(invoice.vendor_id))
    journal.append(unit, InvoiceChanged(invoice.id), to=topics)

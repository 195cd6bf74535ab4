"""The end of the term of bookkeeping, after which invoices lose their parties and their PDF."""

from datetime import timedelta

from sqlmodel import col, select

from core.clock import now
from core.database import for_change
from gateways.storage.base import ObjectStorage
from models.invoices.invoices import Invoice, InvoiceState
from services.orders.retention import BATCH_SIZE, DAYS_OF_YEAR
from services.transaction import OpenTransaction


async def blank_old_invoices(
    transaction: OpenTransaction, objects: ObjectStorage, years: int
) -> bool:
    """Blank a batch of invoices that are so many years old. Returns whether there may be more.

    The PDFs are removed first: if that fails, the invoices are still found. The law wants the
    documents kept until the end of the term, also those of buyers whose accounts were erased.
    """
    before = now() - timedelta(days=years * DAYS_OF_YEAR)
    old = (
        select(Invoice)
        .where(col(Invoice.created_at) < before, Invoice.state != InvoiceState.BLANKED)
        .order_by(col(Invoice.created_at))
        .limit(BATCH_SIZE)
    )
    async with transaction() as session:
        found = (await session.exec(old)).all()
    for invoice in found:
        await objects.remove(invoice.key)
    ids = [invoice.id for invoice in found]
    rows = select(Invoice).where(col(Invoice.id).in_(ids)).order_by(col(Invoice.id))
    async with transaction() as session:
        for row in (await session.exec(for_change(rows))).all():
            row.state, row.seller, row.buyer = InvoiceState.BLANKED, None, None
    return len(found) == BATCH_SIZE

"""The end of the term of bookkeeping, after which invoices lose their parties and their PDF.

The law wants the documents until then, also those of buyers whose accounts were erased.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.invoices.invoices import Invoice, InvoiceState
from services.orders.retention import BATCH_SIZE, DAYS_OF_YEAR


async def find_old_invoices(session: AsyncSession, years: int) -> Sequence[Invoice]:
    """Return a batch of invoices that are so many years old, whose PDFs are to be removed."""
    before = now() - timedelta(days=years * DAYS_OF_YEAR)
    rows = (
        select(Invoice)
        .where(col(Invoice.created_at) < before, Invoice.state != InvoiceState.BLANKED)
        .order_by(col(Invoice.created_at))
        .limit(BATCH_SIZE)
    )
    return (await session.exec(rows)).all()


async def blank_invoices(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Blank the parties of invoices. Their PDFs are removed before: a failure leaves them found."""
    rows = select(Invoice).where(col(Invoice.id).in_(ids)).order_by(col(Invoice.id))
    for row in (await session.exec(for_change(rows))).all():
        row.state, row.seller, row.buyer = InvoiceState.BLANKED, None, None

"""Issuing: a document with its number, once for each source."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from core.security.codes import SYMBOLS
from core.security.sealed import Sealer
from models.invoices.content import InvoiceContent, InvoiceParty, InvoiceSums
from models.invoices.invoices import CODE_LENGTH, Invoice
from models.invoices.series import InvoiceKind
from services import jobs
from services.invoices.numbering import Issuer, take_number


@dataclass(frozen=True)
class InvoiceDraft:
    """All of a document but its number and its day."""

    source_id: UUID
    kind: InvoiceKind
    issuer: Issuer
    currency: str
    locale: str
    seller: InvoiceParty
    buyer: InvoiceParty
    content: InvoiceContent
    sums: InvoiceSums
    vendor_id: UUID | None = None
    buyer_id: UUID | None = None
    order_id: UUID | None = None
    suborder_id: UUID | None = None
    refund_id: UUID | None = None
    corrects_id: UUID | None = None


async def find_issued(session: AsyncSession, source_id: UUID) -> Invoice | None:
    """Return the document of a source if it is issued."""
    return (await session.exec(select(Invoice).where(Invoice.source_id == source_id))).first()


async def issue(
    session: AsyncSession, sealer: Sealer, draft: InvoiceDraft, moment: datetime | None = None
) -> Invoice:
    """Issue a document, and have its PDF made.

    Another transaction can issue one for the same source meanwhile: then this one fails by its
    UNIQUE constraint, and its number is given to the next. `moment` is for documents of the past.
    """
    invoice_id = new_id()
    await jobs.defer(session, "render_invoice", invoice_id=invoice_id)
    numbered = await take_number(session, draft.issuer, draft.kind, moment)
    invoice = Invoice(
        id=invoice_id,
        created_at=numbered.issued_at,
        issuer_id=draft.issuer.id,
        kind=draft.kind,
        fiscal_year=numbered.fiscal_year,
        number=numbered.number,
        code="".join(secrets.choice(SYMBOLS) for _ in range(CODE_LENGTH)),
        source_id=draft.source_id,
        vendor_id=draft.vendor_id,
        buyer_id=draft.buyer_id,
        order_id=draft.order_id,
        suborder_id=draft.suborder_id,
        refund_id=draft.refund_id,
        corrects_id=draft.corrects_id,
        currency=draft.currency,
        locale=draft.locale,
        issued_on=numbered.issued_on,
        taxable=draft.sums.taxable,
        tax=draft.sums.tax,
        rounding=draft.sums.rounding,
        platform_discount=draft.sums.platform_discount,
        total=draft.sums.total,
        content=draft.content.encode(),
    )
    invoice.seal_parties(sealer, draft.seller, draft.buyer)
    session.add(invoice)
    await session.flush()
    return invoice

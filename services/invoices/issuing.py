"""Issuing: a document with its number, once for each source."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import constraint, for_change
from core.ids import new_id
from core.security.codes import SYMBOLS
from core.security.sealed import Sealer
from models.invoices.content import InvoiceContent, InvoiceGroup, InvoiceParty, InvoiceSums
from models.invoices.invoices import CODE_LENGTH, Invoice
from models.invoices.series import InvoiceKind
from services import jobs
from services.invoices.changes import publish_invoice
from services.invoices.numbering import Issuer, take_number

ISSUED = "invoice_source_id_key"


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


@contextmanager
def once() -> Iterator[None]:
    """Pass over what another transaction has issued meanwhile. Its number is the next one again."""
    try:
        yield
    except IntegrityError as error:
        if constraint(error) != ISSUED:
            raise


async def find_issued(session: AsyncSession, source_id: UUID) -> Invoice | None:
    """Return the document of a source if it is issued."""
    return (await session.exec(select(Invoice).where(Invoice.source_id == source_id))).first()


async def lock_issued(session: AsyncSession, source_id: UUID) -> Invoice | None:
    """Lock the document of a source: its earlier credit notes decide on the amounts of the next."""
    rows = select(Invoice).where(Invoice.source_id == source_id)
    return (await session.exec(for_change(rows))).first()


async def find_credited(
    session: AsyncSession, corrected: Invoice
) -> Sequence[Sequence[InvoiceGroup]]:
    """Return what was credited before of each group of a document, by its place."""
    rows = select(Invoice.content).where(Invoice.corrects_id == corrected.id)
    notes = [InvoiceContent.decode(stored) for stored in (await session.exec(rows)).all()]
    places = range(len(corrected.details.groups))
    return [[note.groups[place] for note in notes] for place in places]


async def issue_document(
    session: AsyncSession, sealer: Sealer, draft: InvoiceDraft, moment: datetime | None = None
) -> Invoice:
    """Issue a document, and have its PDF made.

    Another transaction can issue one for the same source meanwhile: then this one fails by its
    UNIQUE constraint, and its number is given to the next: see `once`. `moment` is for documents of
    the past, whose PDFs the sweep makes.
    """
    invoice_id = new_id()
    if moment is None:
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
    publish_invoice(session, invoice)
    return invoice

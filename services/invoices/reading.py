"""Documents for those who may see them, and confirmations for those who have one."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.errors import NotFound
from models.invoices.content import InvoiceParty, InvoiceSums
from models.invoices.invoices import Invoice, InvoiceState
from services.invoices.access import visible_invoices
from services.invoices.links import CHECK_PATH
from services.invoices.pdf.document import InvoiceDocument
from services.viewer import Viewer


@dataclass(frozen=True)
class ConfirmedInvoice:
    """The content of the page of a code: nothing about the buyer."""

    invoice: Invoice
    seller: InvoiceParty


def read_document(invoice: Invoice, sealer: Sealer, address: str) -> InvoiceDocument:
    """Return what the PDF of an invoice shows. Raises `NotFound` after the term of bookkeeping."""
    seller, buyer = invoice.open_seller(sealer), invoice.open_buyer(sealer)
    if seller is None or buyer is None:
        raise NotFound
    return InvoiceDocument(
        kind=invoice.kind,
        number=invoice.number,
        issued_on=invoice.issued_on,
        locale=invoice.locale,
        currency=invoice.currency,
        seller=seller,
        buyer=buyer,
        content=invoice.details,
        sums=InvoiceSums(invoice.taxable, invoice.tax, invoice.rounding, invoice.platform_discount),
        link=f"{address}{CHECK_PATH}/{invoice.code}",
    )


async def access_rendered(session: AsyncSession, viewer: Viewer, invoice_id: UUID) -> Invoice:
    """Return an invoice with a PDF that the viewer can see. Raises `NotFound`."""
    viewer.require_user()
    rows = visible_invoices(viewer).where(
        Invoice.id == invoice_id, Invoice.state == InvoiceState.RENDERED
    )
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    return found


async def find_by_code(session: AsyncSession, sealer: Sealer, code: str) -> ConfirmedInvoice:
    """Return the invoice with a code. Raises `NotFound`, also after the term of bookkeeping."""
    found = (await session.exec(select(Invoice).where(Invoice.code == code))).first()
    if found is None:
        raise NotFound
    seller = found.open_seller(sealer)
    if seller is None:
        raise NotFound
    return ConfirmedInvoice(found, seller)

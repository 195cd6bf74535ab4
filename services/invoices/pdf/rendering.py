"""PDFs of invoices: made once, stored, and announced."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.security.sealed import Sealer
from models.identity.accounts import User
from models.invoices.invoices import Invoice, InvoiceState
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.orders.orders import Order, SubOrder
from services.invoices.changes import publish_invoice
from services.invoices.pdf.document import InvoiceDocument, make_pdf
from services.invoices.pdf.electronic import attach_xml, is_electronic, make_xml
from services.invoices.reading import read_document
from services.notifications import inbox
from services.notifications.inbox import Notice
from services.orders.changes import publish_change
from services.vendors.member_notices import find_notices


async def find_document(
    session: AsyncSession, sealer: Sealer, address: str, invoice_id: UUID
) -> tuple[str, InvoiceDocument] | None:
    """Return the key and the content of the PDF of an invoice that has none yet."""
    invoice = await session.get(Invoice, invoice_id)
    if invoice is None or invoice.state is not InvoiceState.ISSUED:
        return None
    return invoice.key, read_document(invoice, sealer, address)


def make_file(document: InvoiceDocument) -> bytes:
    """Return the PDF of a document, with its XML if it has an electronic form."""
    pdf = make_pdf(document)
    if not is_electronic(document):
        return pdf
    return attach_xml(pdf, make_xml(document), document.figures.language)


async def finish(session: AsyncSession, invoice_id: UUID, sha256: bytes) -> None:
    """Note that the PDF is stored, and announce it. Only one of two repetitions does."""
    rows = select(Invoice).where(Invoice.id == invoice_id)
    invoice = (await session.exec(for_change(rows))).one()
    if invoice.state is not InvoiceState.ISSUED:
        return
    invoice.render(sha256)
    publish_invoice(session, invoice)
    if invoice.suborder_id and invoice.order_id:
        order = await session.get_one(Order, invoice.order_id)
        publish_change(session, order, [await session.get_one(SubOrder, invoice.suborder_id)])
    if invoice.is_announced:
        await inbox.notify_all(session, await _notices(session, invoice))


async def _notices(session: AsyncSession, invoice: Invoice) -> list[Notice]:
    """Return the notices to the buyer, or to the members of a vendor that is the buyer."""
    kind = NotificationKind.INVOICE_ISSUED
    if invoice.buyer_id is not None:
        buyer = await session.get_one(User, invoice.buyer_id)
        return [] if buyer.is_erased else [Notice(buyer.id, kind, invoice.id)]
    if invoice.vendor_id is None:
        return []
    permission = Permission.SEE_INVOICES
    return [*await find_notices(session, invoice.vendor_id, permission, kind, invoice.id)]

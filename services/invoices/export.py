"""Invoices of a vendor as CSV, for its accountant."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import money
from core.csv_files import Cell, CsvFile, one_batch
from core.database import OpenSession
from core.errors import BadInput
from core.security.sealed import Sealer
from models.errors import NotFound
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.members import Permission
from models.pricing.taxes import TaxComponent
from models.vendors import Vendor
from services.invoices.links import InvoicesLink
from services.links import find_viewer
from services.vendors.access import works_at
from services.viewer import Viewer

MAX_DAYS = 366
MAX_ROWS = 20_000
COLUMNS = (
    "number",
    "kind",
    "issued_on",
    "order",
    "corrects",
    "seller_tax_id",
    "buyer_tax_id",
    "buyer_country",
    "place_of_supply",
    "currency",
    "taxable",
    *(component.lower() for component in TaxComponent),
    "rounding",
    "paid_by_platform",
    "total",
)


def ensure_period(first: date, last: date) -> None:
    """Raise `BadInput` for a period that ends before it begins, or is longer than a year."""
    if not 0 <= (last - first).days < MAX_DAYS:
        raise BadInput("Choose a period of at most {most} days.", most=MAX_DAYS)


async def read_invoices(session: AsyncSession, viewer: Viewer, link: InvoicesLink) -> list[Invoice]:
    """Return the invoices of a period, oldest first. Raises `NotFound` without the right.

    The times narrow the index: the day of issue is that of the seller.
    """
    vendors = select(Vendor.id).where(Vendor.id == link.vendor_id)
    if not viewer.admin:
        permission = Permission.SEE_INVOICES
        vendors = vendors.where(works_at(viewer.staff, col(Vendor.id), permission))
    if (await session.exec(vendors)).first() is None:
        raise NotFound
    earliest, latest = (datetime.combine(day, time(), UTC) for day in (link.first, link.last))
    rows = (
        select(Invoice)
        .where(
            Invoice.vendor_id == link.vendor_id,
            col(Invoice.created_at) > earliest - timedelta(days=2),
            col(Invoice.created_at) < latest + timedelta(days=3),
            col(Invoice.issued_on).between(link.first, link.last),
        )
        .order_by(col(Invoice.created_at), col(Invoice.id))
        .limit(MAX_ROWS)
    )
    return list((await session.exec(rows)).all())


async def open_invoices(open_session: OpenSession, sealer: Sealer, link: InvoicesLink) -> CsvFile:
    """Return the file of a link, with a row for each invoice. Raises `NotFound`."""
    async with open_session() as session:
        viewer = await find_viewer(session, link.user_id)
        found = await read_invoices(session, viewer, link)
    rows = ([*_row(one, sealer)] for one in found)
    return CsvFile(f"{link.first}-{link.last}.csv", COLUMNS, one_batch(rows))


def _row(invoice: Invoice, sealer: Sealer) -> Iterator[Cell]:
    """Yield the cells of a row."""
    content, sign = invoice.details, -1 if invoice.kind is InvoiceKind.CREDIT_NOTE else 1
    seller, buyer = invoice.open_seller(sealer), invoice.open_buyer(sealer)
    yield invoice.number
    yield invoice.kind
    yield invoice.issued_on.isoformat()
    yield content.order_number or ""
    yield content.corrects[0] if content.corrects else ""
    yield (seller and seller.full_tax_id) or ""
    yield (buyer and buyer.full_tax_id) or ""
    yield buyer.country if buyer else ""
    yield content.place_of_supply or ""
    yield invoice.currency
    amounts = (
        invoice.taxable,
        *(content.tax_of(component) for component in TaxComponent),
        invoice.rounding,
        invoice.platform_discount,
        invoice.total,
    )
    for amount in amounts:
        yield Decimal(money.decimal(sign * amount, invoice.currency))

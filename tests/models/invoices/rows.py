"""An invoice of a part of an order, and its series."""

from core.clock import now
from models.invoices.content import InvoiceContent, InvoiceGroup, InvoiceParty
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind, InvoiceSeries
from models.orders.orders import SubOrder
from models.pricing.tax_rules import Treatment
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    part = await world.first(SubOrder)
    content = InvoiceContent([], [InvoiceGroup([], 200, 0)], Treatment.NOT_TAXED)
    party = InvoiceParty("Asha", "IN")
    invoice = Invoice(
        issuer_id=part.vendor_id,
        kind=InvoiceKind.RECEIPT,
        fiscal_year=2026,
        number="RCT/2627/000001",
        code="0" * 12,
        source_id=part.id,
        vendor_id=part.vendor_id,
        buyer_id=till.customer.id,
        order_id=part.order_id,
        suborder_id=part.id,
        currency="INR",
        locale="en",
        issued_on=now().date(),
        taxable=200,
        tax=0,
        rounding=0,
        total=200,
        content=content.encode(),
    )
    invoice.seal_parties(world.sealer, party, party)
    series = InvoiceSeries(
        issuer_id=part.vendor_id, kind=InvoiceKind.RECEIPT, fiscal_year=2026, next=2
    )
    await world.save(series, invoice)

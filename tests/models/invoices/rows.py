"""A credit note of a vendor to a customer, and its series. It corrects itself."""

from core.clock import now
from core.ids import new_id
from models.invoices.content import InvoiceContent, InvoiceGroup, InvoiceParty
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind, InvoiceSeries
from models.pricing.tax_rules import Treatment
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    vendor_id = till.vendor.id
    content = InvoiceContent([], [InvoiceGroup([], 200, 0)], Treatment.NOT_TAXED)
    party = InvoiceParty("Asha", "IN")
    id = new_id()
    invoice = Invoice(
        id=id,
        corrects_id=id,
        issuer_id=vendor_id,
        kind=InvoiceKind.CREDIT_NOTE,
        fiscal_year=2026,
        number="CRN/2627/000001",
        code="0" * 12,
        source_id=new_id(),
        vendor_id=vendor_id,
        buyer_id=till.customer.id,
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
        issuer_id=vendor_id, kind=InvoiceKind.CREDIT_NOTE, fiscal_year=2026, next=2
    )
    await world.save(series, invoice)

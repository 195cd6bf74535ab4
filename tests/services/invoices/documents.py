"""Documents with lines at one rate, as their services make them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from models.invoices.content import (
    InvoiceContent,
    InvoiceGroup,
    InvoiceLine,
    InvoiceParty,
    InvoiceSums,
    InvoiceTax,
)
from models.invoices.series import InvoiceKind
from models.pricing.amounts import share
from models.pricing.tax_rules import Treatment
from models.pricing.taxes import Rate, TaxComponent
from services.invoices.pdf.document import InvoiceDocument

VAT = (Rate(TaxComponent.VAT, 1_900),)
GST = (Rate(TaxComponent.CGST, 900), Rate(TaxComponent.SGST, 900))
JAIPUR = InvoiceParty(
    "Blue Pottery",
    "IN",
    street_lines=("12 MG Road",),
    city="Jaipur",
    subdivision="Rajasthan",
    postal_code="302001",
    tax_id="08AAPFU0939F1ZV",
)
BENGALURU = InvoiceParty(
    "श्रीमती क्षितिजा Rao",
    "IN",
    street_lines=("8 Park Street",),
    city="Bengaluru",
    subdivision="Karnataka",
    postal_code="560001",
)
BERLIN = InvoiceParty(
    "Töpferei Müller",
    "DE",
    street_lines=("Hauptstr. 5",),
    city="Berlin",
    postal_code="10115",
    tax_id="136695976",
)
AMSTERDAM = InvoiceParty(
    "Jan de Vries",
    "NL",
    company="Vries BV",
    street_lines=("Damrak 1",),
    city="Amsterdam",
    postal_code="1012LG",
    tax_id="NL853746333B01",
)


def document(
    kind: InvoiceKind = InvoiceKind.TAX_INVOICE,
    *,
    lines: int = 2,
    rates: Sequence[Rate] = GST,
    treatment: Treatment = Treatment.TAXED,
    title: str = "Blue mug",
    amount: int = 100_000,
    discount: int = 0,
    is_service: bool = False,
    **values: Any,
) -> InvoiceDocument:
    """Return a document of a seller in Jaipur, unless another one is given."""
    rows = []
    for place in range(lines):
        tax = sum(share(amount, rate.bps) for rate in rates)
        rows.append(
            InvoiceLine(
                title=title,
                detail=f"Size: L · MUG-{place}",
                hsn_code="691110",
                quantity=2,
                unit=amount // 2,
                discount=500,
                shipping=200,
                taxable=amount,
                tax=tax,
                gross=amount + tax,
                group=0,
            )
        )
    whole = amount * lines
    taxes = [InvoiceTax(rate.component, rate.bps, share(whole, rate.bps)) for rate in rates]
    group = InvoiceGroup(taxes, whole, 1)
    corrects = ("INV/2627/000100", date(2026, 11, 1)) if kind is InvoiceKind.CREDIT_NOTE else None
    content = InvoiceContent(
        rows,
        [group],
        treatment,
        place_of_supply="Karnataka (29)",
        order_number="7QX4M2K9",
        supplied_on=date(2026, 11, 29),
        corrects=corrects,
        is_service=is_service,
    )
    given: dict[str, Any] = {
        "number": "INV/2627/000123",
        "issued_on": date(2026, 11, 30),
        "locale": "en",
        "currency": "INR",
        "seller": JAIPUR,
        "buyer": BENGALURU,
        "content": content,
        "sums": InvoiceSums.of([group], discount),
        "link": "https://haat.example/invoices/7QX4M2K9ABCD",
    }
    return InvoiceDocument(kind=kind, **given | values)


def european(**values: Any) -> InvoiceDocument:
    given: dict[str, Any] = {
        "seller": BERLIN,
        "buyer": AMSTERDAM,
        "currency": "EUR",
        "locale": "de",
        "rates": VAT,
    }
    return document(**given | values)

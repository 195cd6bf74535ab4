"""Pages of documents: what they show in each language, and texts that are too long."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from core.errors import UserMessage
from models.invoices.series import InvoiceKind
from models.pricing.tax_rules import Treatment
from models.pricing.taxes import TaxComponent
from services.invoices.content import wording
from services.invoices.pdf.document import InvoiceDocument, make_pdf
from services.invoices.pdf.figures import DocumentFigures
from tests.services.invoices.documents import BERLIN, JAIPUR, VAT, document, european


def page(pdf: bytes, number: int = 0) -> Image.Image:
    picture: Image.Image = pypdfium2.PdfDocument(pdf)[number].render(scale=3).to_pil()
    return picture


def pages(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return len(opened.pages)


@pytest.mark.parametrize("made", [document(), european(), document(locale="hi", discount=500)])
def test_a_document_is_a_page_whose_code_verifies_it(made: InvoiceDocument) -> None:
    pdf = make_pdf(made)
    assert pages(pdf) == 1
    assert [code.text for code in zxingcpp.read_barcodes(page(pdf))] == [made.link]
    assert pdf == make_pdf(made), "the same document is the same file"


@pytest.mark.parametrize(("lines", "count"), [(0, 1), (1, 1), (30, 3), (100, 7)])
def test_a_document_has_as_many_pages_as_its_lines_need(lines: int, count: int) -> None:
    pdf = make_pdf(document(lines=lines))
    assert pages(pdf) == count
    codes = [len(zxingcpp.read_barcodes(page(pdf, number))) for number in range(count)]
    assert codes == [0] * (count - 1) + [1]


def test_long_texts_and_large_amounts_stay_on_the_page() -> None:
    long = "Unbreakable" * 30
    seller = replace(JAIPUR, name=long, street_lines=(long,) * 3, city=long, company=long)
    made = document(title=long, amount=10**15, seller=seller, buyer=seller, discount=10**12)
    for number in range(pages(pdf := make_pdf(made))):
        picture = page(pdf, number).convert("L")
        edge = picture.crop((picture.width - 12, 0, picture.width, picture.height))
        assert edge.getextrema() == (255, 255)


def test_figures_are_written_as_in_the_country_of_the_seller() -> None:
    indian = DocumentFigures.of("en", "IN", "INR")
    assert (indian.money(12_345_678), indian.amount(100_000)) == ("₹1,23,456.78", "1,000.00")
    assert DocumentFigures.of("hi-IN", "IN", "INR").money(12_345_678) == "₹1,23,456.78"
    assert DocumentFigures.of("de", "DE", "EUR").money(-150) == "-1,50\N{NO-BREAK SPACE}€"
    assert DocumentFigures.of("en", "NG", "NGN").money(100) == "₦1.00"
    assert DocumentFigures.of("en", "JP", "JPY").money(1_500) == "¥1,500"
    assert DocumentFigures.of("de", "DE", "EUR").percent(1_900) == "19\N{NO-BREAK SPACE}%"
    assert indian.percent(250) == "2.5%"
    assert DocumentFigures.of("en", "IN", "IQD").money(1_234) == "IQD\N{NO-BREAK SPACE}1.234"


def test_titles_follow_the_kind_the_country_and_the_language() -> None:
    assert document().title == "Tax invoice"
    assert european().title == "Rechnung"
    assert document(InvoiceKind.CREDIT_NOTE, locale="es").title == "Nota de crédito"
    assert document(InvoiceKind.RECEIPT, locale="hi").title == "रसीद"
    assert wording.name_of(TaxComponent.CGST, "IN") == "CGST"
    assert wording.name_of(TaxComponent.VAT, "DE") is wording.VAT
    assert wording.name_of(TaxComponent.VAT, "US") is wording.SALES_TAX
    assert wording.tax_id_label("IN") == "GSTIN"


NOTES: list[tuple[InvoiceKind, Treatment, bool, dict[str, Any], UserMessage | str | None]] = [
    (InvoiceKind.TAX_INVOICE, Treatment.TAXED, True, {}, None),
    (InvoiceKind.TAX_INVOICE, Treatment.TAXED, False, {}, wording.EXEMPT),
    (InvoiceKind.TAX_INVOICE, Treatment.REVERSE_CHARGE, True, {}, wording.REVERSE_CHARGE),
    (
        InvoiceKind.COMMISSION,
        Treatment.REVERSE_CHARGE,
        True,
        {"is_service": True},
        wording.REVERSE_CHARGE_OF_SERVICES,
    ),
    (InvoiceKind.TAX_INVOICE, Treatment.EXPORT, True, {}, wording.EXPORT),
    (InvoiceKind.BILL_OF_SUPPLY, Treatment.NOT_TAXED, False, {}, wording.COMPOSITION),
    (InvoiceKind.CREDIT_NOTE, Treatment.NOT_TAXED, False, {}, wording.COMPOSITION),
    (InvoiceKind.BILL_OF_SUPPLY, Treatment.TAXED, False, {}, wording.EXEMPT),
    (InvoiceKind.RECEIPT, Treatment.NOT_TAXED, False, {}, wording.UNREGISTERED),
    (InvoiceKind.RECEIPT, Treatment.TAXED, False, {"is_prepayment": True}, wording.NO_SUPPLY),
]


@pytest.mark.parametrize(("kind", "treatment", "taxed", "values", "note"), NOTES)
def test_a_document_says_why_it_has_no_tax(
    kind: InvoiceKind,
    treatment: Treatment,
    taxed: bool,
    values: dict[str, Any],
    note: UserMessage | str | None,
) -> None:
    made = european(kind=kind, treatment=treatment, rates=VAT if taxed else ())
    found = [*wording.notes_of(kind, BERLIN, replace(made.content, **values))]
    assert found == ([] if note is None else [note])


def test_credit_notes_of_sellers_without_a_number_and_exports_from_india() -> None:
    credit, unregistered = InvoiceKind.CREDIT_NOTE, replace(JAIPUR, tax_id=None)
    untaxed = document(credit, rates=(), treatment=Treatment.NOT_TAXED).content
    assert [*wording.notes_of(credit, unregistered, untaxed)] == [wording.UNREGISTERED]
    exported = replace(untaxed, treatment=Treatment.EXPORT)
    assert [*wording.notes_of(credit, JAIPUR, exported)] == [wording.EXPORT_FROM_INDIA]


def test_the_page_of_an_untaxed_document_has_no_table_of_taxes() -> None:
    untaxed = document(InvoiceKind.RECEIPT, rates=(), treatment=Treatment.NOT_TAXED)
    assert pages(make_pdf(untaxed)) == 1
    assert document(rates=VAT, seller=BERLIN).content.components == [TaxComponent.VAT]

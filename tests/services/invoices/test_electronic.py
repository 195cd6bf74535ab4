"""The XML of documents in the European Union, and the PDF that has it inside."""

from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from facturx.facturx import get_facturx_xml_from_pdf, xml_check_xsd
from lxml import etree

from models.invoices.series import InvoiceKind
from models.pricing.tax_rules import Treatment
from models.pricing.taxes import Rate, TaxComponent
from services.invoices.pdf.electronic import attach_xml, is_electronic, make_xml
from services.invoices.pdf.rendering import make_file
from tests.services.invoices.documents import BERLIN, document, european

NOTHING = (Rate(TaxComponent.VAT, 0),)
KINDS: dict[str, dict[str, Any]] = {
    "S": {},
    "K": {"rates": NOTHING, "treatment": Treatment.REVERSE_CHARGE},
    "AE": {"rates": NOTHING, "treatment": Treatment.REVERSE_CHARGE, "is_service": True},
    "G": {"rates": NOTHING, "treatment": Treatment.EXPORT},
    "E": {"rates": ()},
    "Z": {"rates": NOTHING},
}


def text_of(xml: bytes, path: str) -> list[str]:
    root: Any = etree.fromstring(xml)
    names = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    return [node.text or "" for node in root.xpath(f"//ram:{path}", namespaces=names)]


@pytest.mark.parametrize("category", KINDS)
def test_the_xml_follows_its_schema(category: str) -> None:
    made = european(**KINDS[category])
    xml = make_xml(made, check=True)
    assert set(text_of(xml, "ApplicableTradeTax/ram:CategoryCode")) == {category}
    (code, *_) = text_of(xml, "GrandTotalAmount")
    assert code == f"{(made.sums.taxable + made.sums.tax) / 100:.2f}"
    assert text_of(xml, "DuePayableAmount") == ["0.00"], "it is paid"
    assert text_of(xml, "RoundingAmount") == ["0.01"]


def test_a_control_the_schema_is_checked() -> None:
    xml = make_xml(european()).replace(b"ram:TypeCode", b"ram:Kind")
    with pytest.raises(Exception, match="XML Schema"):
        xml_check_xsd(xml)


def test_a_credit_note_names_what_it_corrects() -> None:
    xml = make_xml(european(kind=InvoiceKind.CREDIT_NOTE), check=True)
    assert "381" in text_of(xml, "TypeCode")
    (number,) = text_of(xml, "InvoiceReferencedDocument/ram:IssuerAssignedID")
    assert number == "INV/2627/000100"


def test_vat_numbers_have_the_prefix_of_their_country() -> None:
    numbers = text_of(make_xml(european()), "SpecifiedTaxRegistration/ram:ID")
    assert numbers == ["DE136695976", "NL853746333B01"]


def test_the_xml_is_inside_the_pdf_which_looks_as_before() -> None:
    made = european()
    pdf = make_file(made)
    name, xml = get_facturx_xml_from_pdf(pdf, check_xsd=True, check_schematron=False)
    assert (name, xml) == ("factur-x.xml", make_xml(made))
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [made.link]
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert opened.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert opened.Root.Metadata.read_bytes().count(b"pdfaid:part>3<")
        resources = [
            one.Resources for one in opened.objects
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream) and "/Resources" in one
        ]  # fmt: skip
        assert resources
        assert not any("/Font" in one for one in resources), "PDF/A wants fonts in the file"


def test_reverse_charge_of_services_names_no_place_of_delivery() -> None:
    """A category of goods that move has one (BR-IC-12), and one of services none."""
    goods, services = (make_xml(european(**KINDS[category])) for category in ("K", "AE"))
    assert text_of(goods, "ShipToTradeParty/ram:Name") == ["Jan de Vries"]
    assert text_of(services, "ShipToTradeParty/ram:Name") == []
    assert set(text_of(services, "ExemptionReasonCode")) == {"VATEX-EU-AE"}


def test_an_invoice_for_commission_has_an_electronic_form() -> None:
    made = european(kind=InvoiceKind.COMMISSION)
    assert is_electronic(made)
    assert "380" in text_of(make_xml(made, check=True), "TypeCode")


def test_others_have_no_electronic_form() -> None:
    assert is_electronic(european())
    assert not is_electronic(document())
    assert not is_electronic(document(InvoiceKind.RECEIPT, seller=BERLIN))
    assert attach_xml(make_file(document()), make_xml(european()), "de").startswith(b"%PDF")

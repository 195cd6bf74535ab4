"""The electronic form of documents in the European Union: Factur-X, which is XML inside the PDF.

The XML is of the profile EN 16931. The PDF is one of PDF/A-3: it has no font, because its text is
drawn as outlines, and it names its colours.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
from facturx.facturx import generate_from_binary
from facturx.generate_xml import generate_cii_xml
from PIL import ImageCms

from core import money
from core.errors import UserMessage
from models.invoices.content import InvoiceGroup, InvoiceLine, InvoiceParty, has_electronic_form
from models.invoices.series import InvoiceKind
from models.pricing.tax_rules import EUROPEAN_UNION, Treatment
from services.invoices.content.wording import EXEMPT, EXPORT, reverse_charge_of
from services.invoices.pdf.document import InvoiceDocument

LEVEL = "en16931"
# Types of UNTDID 1001.
TYPES = {
    InvoiceKind.TAX_INVOICE: "380",
    InvoiceKind.COMMISSION: "380",
    InvoiceKind.CREDIT_NOTE: "381",
}
PIECE = "C62"  # the unit of UN/ECE Recommendation 20
# Categories of UNTDID 5305, with the code of the reason by the list VATEX.
STANDARD, ZERO, INTRA_COMMUNITY, EXPORTED, EXEMPTED = "S", "Z", "K", "G", "E"
REVERSE_CHARGED = "AE"  # of services
REASONS = {
    INTRA_COMMUNITY: "VATEX-EU-IC",
    REVERSE_CHARGED: "VATEX-EU-AE",
    EXPORTED: "VATEX-EU-G",
}


def is_electronic(document: InvoiceDocument) -> bool:
    """Return whether a document has the electronic form: of sellers who are registered for VAT."""
    seller = document.seller
    return document.kind in TYPES and has_electronic_form(seller) and bool(seller.tax_id)


def make_xml(document: InvoiceDocument, *, check: bool = False) -> bytes:
    """Return the XML. With `check`, raises an error if it does not follow its schema."""
    terms = _terms(document)
    made: bytes = generate_cii_xml(terms, level=LEVEL, check_xsd=check, check_schematron=False)
    return made


def attach_xml(pdf: bytes, xml: bytes, language: str) -> bytes:
    """Return the PDF with the XML as its attachment, which readers of invoices look for."""
    made: bytes = generate_from_binary(
        _archived(pdf),
        xml,
        flavor="factur-x",
        level=LEVEL,
        check_xsd=False,
        check_schematron=False,
        lang=language,
        afrelationship="alternative",
    )
    return made


def _archived(pdf: bytes) -> bytes:
    """Return a PDF as PDF/A has it: without the font that reportlab names, and with its colours."""
    with pikepdf.open(BytesIO(pdf)) as document:
        for one in [*document.objects]:
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream) and "/Resources" in one:
                resources = one.Resources
                if "/Font" in resources:
                    del resources["/Font"]
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        intent = pikepdf.Dictionary(
            Type=pikepdf.Name.OutputIntent,
            S=pikepdf.Name.GTS_PDFA1,
            OutputConditionIdentifier="sRGB",
            DestOutputProfile=document.make_stream(profile, N=3),
        )
        document.Root.OutputIntents = pikepdf.Array([document.make_indirect(intent)])
        buffer = BytesIO()
        document.save(buffer, min_version="1.7")
        return buffer.getvalue()


def _terms(document: InvoiceDocument) -> dict[str, Any]:
    """Return the business terms of EN 16931 by their numbers."""
    sums, content = document.sums, document.content
    gross = sums.taxable + sums.tax
    amount = _amounts(document)
    terms: dict[str, Any] = {
        "BT-1": document.number,
        "BT-2": document.issued_on,
        "BT-3": TYPES[document.kind],
        "BT-5": document.currency,
        "BT-14": content.order_number,
        "BT-72": content.supplied_on,
        "BG-4": _party(document.seller),
        "BG-7": _party(document.buyer),
        "BG-23": [_breakdown(document, group) for group in document.groups],
        "BG-25": [*_lines(document)],
        "BT-106": amount(sums.taxable),
        "BT-109": amount(sums.taxable),
        "BT-110": amount(sums.tax),
        "BT-112": amount(gross),
        "BT-113": amount(gross + sums.rounding),
        "BT-115": amount(0),
    }
    if sums.rounding:
        terms["BT-114"] = amount(sums.rounding)
    if content.treatment is Treatment.REVERSE_CHARGE and not content.is_service:
        buyer = document.buyer
        terms["BG-13"] = {"name": buyer.name, "country_code": buyer.country}
    if content.corrects is not None:
        number, day = content.corrects
        terms["BG-3"] = [{"BT-25": number, "BT-26": day}]
    return terms


def _amounts(document: InvoiceDocument) -> Any:
    return lambda minor: money.decimal(minor, document.currency)


def _party(party: InvoiceParty) -> dict[str, str]:
    known = {
        "name": party.company or party.name,
        "country_code": party.country,
        "city": party.city,
        "postcode": party.postal_code,
        "country_subdivision": party.subdivision,
        "vat_identifier": party.full_tax_id if party.country in EUROPEAN_UNION else None,
    }
    known |= {f"addr_l{place}": line for place, line in enumerate(party.street_lines[:3], 1)}
    return {name: value for name, value in known.items() if value}


def _category(document: InvoiceDocument, group: InvoiceGroup) -> str:
    content = document.content
    if content.treatment is Treatment.REVERSE_CHARGE:
        return REVERSE_CHARGED if content.is_service else INTRA_COMMUNITY
    if content.treatment is Treatment.EXPORT:
        return EXPORTED
    if not group.taxes:
        return EXEMPTED
    return STANDARD if group.bps else ZERO


def _rate(group: InvoiceGroup) -> str:
    return f"{group.bps // 100}.{group.bps % 100:02}"


def _breakdown(document: InvoiceDocument, group: InvoiceGroup) -> dict[str, str]:
    amount = _amounts(document)
    category = _category(document, group)
    known = {
        "BT-116": amount(group.taxable),
        "BT-117": amount(group.tax),
        "BT-118": category,
        "BT-119": _rate(group),
    }
    if reason := _reason(document, category):
        known["BT-120"] = document.text(reason)
    if category in REASONS:
        known["BT-121"] = REASONS[category]
    return known


def _reason(document: InvoiceDocument, category: str) -> UserMessage | None:
    """Return the text why a category has no tax. The others must have none."""
    if category in {INTRA_COMMUNITY, REVERSE_CHARGED}:
        return reverse_charge_of(document.content)
    return {EXPORTED: EXPORT, EXEMPTED: EXEMPT}.get(category)


def _lines(document: InvoiceDocument) -> Iterator[dict[str, str]]:
    """Yield the lines. Their price is that of all units, so that none is rounded."""
    for place, line in enumerate(document.content.lines, 1):
        yield _line(document, line) | {"BT-126": str(place)}


def _line(document: InvoiceDocument, line: InvoiceLine) -> dict[str, str]:
    amount = _amounts(document)
    group = document.content.groups[line.group]
    known = {
        "BT-129": str(line.quantity),
        "BT-130": PIECE,
        "BT-131": amount(line.taxable),
        "BT-146": amount(line.taxable),
        "BT-149": str(line.quantity),
        "BT-151": _category(document, group),
        "BT-152": _rate(group),
        "BT-153": line.title,
    }
    return known | ({"BT-154": line.detail} if line.detail else {})

"""The page of a document. The same document gives the same bytes."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from core.errors import UserMessage
from core.text.typesetting import BOLD, fit, wrap
from models.invoices.content import (
    InvoiceContent,
    InvoiceGroup,
    InvoiceLine,
    InvoiceParty,
    InvoiceSums,
    shows_goods_codes,
)
from models.invoices.series import InvoiceKind
from models.pricing.tax_rules import INDIA, Treatment
from services.invoices.content.wording import name_of, notes_of, tax_id_label, title_of
from services.invoices.pdf.figures import DocumentFigures
from services.invoices.pdf.sheet import FOOT, INNER, LINE, MARGIN, WIDTH, Sheet

HALF = WIDTH / 2 + 12
SMALL, NORMAL = 8, 9.5
# Right ends of the columns of lines, from the right margin.
COLUMNS = {"quantity": 278, "unit": 206, "taxable": 140, "rate": 104, "tax": 58, "gross": 0}
ARTICLE = INNER - 306
QR_SIDE = 74


@dataclass(frozen=True)
class InvoiceDocument:
    """An issued document with its opened parties. `link` verifies it."""

    kind: InvoiceKind
    number: str
    issued_on: date
    locale: str
    currency: str
    seller: InvoiceParty
    buyer: InvoiceParty
    content: InvoiceContent
    sums: InvoiceSums
    link: str

    @cached_property
    def figures(self) -> DocumentFigures:
        return DocumentFigures.of(self.locale, self.seller.country, self.currency)

    def text(self, message: UserMessage | str) -> str:
        return message if isinstance(message, str) else self.figures.text(message)

    @property
    def title(self) -> str:
        return self.text(title_of(self.kind, self.seller))

    @property
    def groups(self) -> list[InvoiceGroup]:
        """Return the groups with amounts: a credit note need not have all of them."""
        return [one for one in self.content.groups if one.gross or one.tax]


def make_pdf(document: InvoiceDocument) -> bytes:
    """Return the document as PDF, on as many pages as it needs."""
    sheet = Sheet(
        f"{document.title} {document.number}", document.seller.name, document.figures.language
    )
    _draw_head(sheet, document)
    _draw_parties(sheet, document)
    _draw_columns(sheet, document)
    for line in document.content.lines:
        _draw_line(sheet, document, line)
    _draw_groups(sheet, document)
    _draw_sums(sheet, document)
    _draw_notes(sheet, document)
    return sheet.save()


def _draw_head(sheet: Sheet, document: InvoiceDocument) -> None:
    sheet.y -= 16
    sheet.left(fit(document.title, 18, INNER * 0.6, BOLD), MARGIN, 18, BOLD)
    sheet.right(document.number, WIDTH - MARGIN, 12, BOLD)
    sheet.y -= 24
    known = [(UserMessage("Date"), document.figures.day(document.issued_on))]
    content = document.content
    if content.corrects is not None:
        number, day = content.corrects
        corrected = f"{number} · {document.figures.day(day)}"
        known.append((UserMessage("Corrects"), corrected))
    if content.order_number:
        known.append((UserMessage("Order"), content.order_number))
    if content.supplied_on and not content.is_prepayment:
        day_of = document.figures.day(content.supplied_on)
        known.append((UserMessage("Date of supply"), day_of))
    if content.place_of_supply:
        known.append((UserMessage("Place of supply"), content.place_of_supply))
    if document.seller.country == INDIA and document.kind is not InvoiceKind.RECEIPT:
        owed = content.treatment is Treatment.REVERSE_CHARGE
        answer = document.text(UserMessage("Yes") if owed else UserMessage("No"))
        known.append((UserMessage("Reverse charge"), answer))
    for label, value in known:
        sheet.left(document.text(label), HALF, SMALL)
        sheet.right(fit(value, SMALL, 180), WIDTH - MARGIN, SMALL)
        sheet.y -= SMALL * LINE


def _draw_parties(sheet: Sheet, document: InvoiceDocument) -> None:
    sheet.y -= 14
    sheet.left(document.text(UserMessage("Seller")), MARGIN, SMALL)
    sheet.left(document.text(UserMessage("Buyer")), HALF, SMALL)
    sheet.y -= 13
    ends = []
    for party, x in ((document.seller, MARGIN), (document.buyer, HALF)):
        width = HALF - MARGIN - 12 if x == MARGIN else WIDTH - MARGIN - HALF
        name, *rest = party.lines
        top = sheet.y
        sheet.y = sheet.block([name], x, NORMAL, width, BOLD)
        known = [*rest, _country(document, party)]
        if party.full_tax_id:
            known.append(f"{document.text(tax_id_label(party.country))}: {party.full_tax_id}")
        ends.append(sheet.block(known, x, NORMAL, width))
        sheet.y = top
    sheet.y = min(ends) - 12


def _country(document: InvoiceDocument, party: InvoiceParty) -> str:
    return document.figures.country_name(party.country)


def _draw_columns(sheet: Sheet, document: InvoiceDocument) -> None:
    names = {
        "quantity": UserMessage("Quantity"),
        "unit": UserMessage("Price"),
        "taxable": UserMessage("Net"),
        "rate": UserMessage("Rate"),
        "tax": UserMessage("Tax"),
        "gross": UserMessage("Amount"),
    }
    sheet.left(document.text(UserMessage("Article")), MARGIN, SMALL)
    for name, message in names.items():
        sheet.fitted_right(document.text(message), _end(name), SMALL, 58)
    sheet.y -= 8
    sheet.rule()
    sheet.y -= NORMAL


def _end(column: str) -> float:
    return WIDTH - MARGIN - COLUMNS[column]


def _draw_line(sheet: Sheet, document: InvoiceDocument, line: InvoiceLine) -> None:
    """Draw a line, on a new page if it does not fit."""
    figures = document.figures
    title = wrap(line.title, NORMAL, ARTICLE, 3)
    below = wrap(" · ".join(_details(document, line)), SMALL, ARTICLE, 4)
    height = len(title) * NORMAL * LINE + len(below) * SMALL * LINE
    if not sheet.has_room(height):
        _turn(sheet, document)
        _draw_columns(sheet, document)
    group = document.content.groups[line.group]
    rate = figures.percent(group.bps) if group.taxes else "–"  # noqa: RUF001 - a dash
    numbers = {
        "quantity": str(line.quantity),
        "unit": figures.amount(line.unit),
        "taxable": figures.amount(line.taxable),
        "rate": rate,
        "tax": figures.amount(line.tax),
        "gross": figures.amount(line.gross),
    }
    for name, text in numbers.items():
        sheet.fitted_right(text, _end(name), NORMAL, 26 if name == "quantity" else 44)
    sheet.y = sheet.block(title, MARGIN, NORMAL, ARTICLE)
    sheet.y = sheet.block(below, MARGIN, SMALL, ARTICLE) - 4


def _details(document: InvoiceDocument, line: InvoiceLine) -> list[str]:
    """Return what is below the title of a line."""
    figures, known = document.figures, []
    if line.hsn_code and shows_goods_codes(document.seller):
        known.append(f"HSN {line.hsn_code}")
    if line.detail:
        known.append(line.detail)
    if line.discount:
        known.append(f"{document.text(UserMessage('Discount'))} {figures.amount(-line.discount)}")
    if line.shipping:
        known.append(f"{document.text(UserMessage('Delivery'))} {figures.amount(line.shipping)}")
    return known


def _turn(sheet: Sheet, document: InvoiceDocument) -> None:
    """Go on with a page that names the document it belongs to."""
    sheet.turn()
    sheet.y -= SMALL
    page = UserMessage("Page {number}", number=sheet.page)
    sheet.left(f"{document.title} {document.number}", MARGIN, SMALL)
    sheet.right(document.text(page), WIDTH - MARGIN, SMALL)
    sheet.y -= 22


def _draw_groups(sheet: Sheet, document: InvoiceDocument) -> None:
    """Draw the taxes by rate, each component in a column."""
    groups = [one for one in document.groups if one.taxes]
    if not groups:
        return
    if not sheet.has_room(20 + len(groups) * NORMAL * LINE):
        _turn(sheet, document)
    components = document.content.components
    figures, country = document.figures, document.seller.country
    step = 76
    sheet.rule()
    sheet.y -= NORMAL
    sheet.left(document.text(UserMessage("Taxes by rate")), MARGIN, SMALL)
    ends = [WIDTH - MARGIN - step * place for place in range(len(components), -1, -1)]
    sheet.right(document.text(UserMessage("Net")), ends[0], SMALL)
    for component, end in zip(components, ends[1:], strict=True):
        sheet.right(document.text(name_of(component, country)), end, SMALL)
    sheet.y -= NORMAL * LINE
    for group in groups:
        sheet.left(figures.percent(group.bps), MARGIN, SMALL)
        sheet.fitted_right(figures.amount(group.taxable), ends[0], SMALL, step - 6)
        for component, end in zip(components, ends[1:], strict=True):
            own = [one for one in group.taxes if one.component is component]
            if own:
                text = f"{figures.percent(own[0].bps)}  {figures.amount(own[0].tax)}"
                sheet.fitted_right(text, end, SMALL, step - 6)
        sheet.y -= SMALL * LINE
    sheet.y -= 4


def _draw_sums(sheet: Sheet, document: InvoiceDocument) -> None:
    sums, content = document.sums, document.content
    if not sheet.has_room(30 + (5 + len(content.components)) * NORMAL * LINE):
        _turn(sheet, document)
    figures = document.figures
    sheet.rule()
    sheet.y -= NORMAL
    sheet.pair(document.text(UserMessage("Net")), figures.money(sums.taxable), HALF, NORMAL)
    for component in content.components:
        name = document.text(name_of(component, document.seller.country))
        sheet.pair(name, figures.money(content.tax_of(component)), HALF, NORMAL)
    if sums.rounding:
        rounding = document.text(UserMessage("Rounding"))
        sheet.pair(rounding, figures.money(sums.rounding), HALF, NORMAL)
    gross = sums.taxable + sums.tax + sums.rounding
    sheet.y -= 3
    total = document.text(UserMessage("Total"))
    sheet.pair(total, figures.money(gross), HALF, 11, BOLD)
    if sums.platform_discount:
        discount = document.text(UserMessage("Paid by the platform"))
        sheet.pair(discount, figures.money(-sums.platform_discount), HALF, NORMAL)
    paid = (
        UserMessage("Refunded to the buyer")
        if document.kind is InvoiceKind.CREDIT_NOTE
        else UserMessage("Paid by the buyer")
    )
    if document.kind is not InvoiceKind.COMMISSION:
        sheet.pair(document.text(paid), figures.money(sums.total), HALF, NORMAL)


def _draw_notes(sheet: Sheet, document: InvoiceDocument) -> None:
    """Draw what laws ask for, and the code by which the document is verified."""
    if not sheet.has_room(QR_SIDE + 20):
        _turn(sheet, document)
    sheet.y = min(sheet.y - 16, FOOT + QR_SIDE)
    side, x = QR_SIDE, MARGIN + QR_SIDE + 12
    sheet.code(document.link, MARGIN - 6, sheet.y - side + 14, side)
    content = document.content
    notes = notes_of(document.kind, document.seller, content)
    lines = [document.text(note) for note in notes]
    lines.append(
        document.text(UserMessage("This document was made by a computer and needs no signature."))
    )
    lines.append(document.text(UserMessage("Check it at:")))
    lines.append(document.link)
    sheet.y = sheet.block(lines, x, SMALL, WIDTH - MARGIN - x)

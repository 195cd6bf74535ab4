"""Papers of a parcel: the label that is stuck on it, and the packing slip that lies in it.

They name no prices: a parcel can be a gift. The same parcel gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4, A6
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from core.errors import UserMessage
from core.text.typesetting import BOLD, REGULAR, draw, draw_right, fit, wrap
from services.i18n import translate

MARGIN = 8 * mm
WIDE_MARGIN = 18 * mm  # of the slip
LINE = 1.35  # distance of base lines, in sizes of the type
BAR_MM = 0.33  # a module of the bar code: scanners read 0.25 mm and more
MAX_BARS = 30  # characters that fit on a label at this size
ARTICLE_LINES = 3  # at most, of a title or a detail
ARTICLE_X = 25 * mm


@dataclass(frozen=True)
class PaperLine:
    """Units of an article in a parcel. `detail` has its options and its SKU."""

    quantity: int
    title: str
    detail: str


@dataclass(frozen=True)
class ParcelPaper:
    """The content of the papers of a parcel. `locale` is the vendor's."""

    locale: str
    sender: Sequence[str]
    recipient: Sequence[str]
    phone: str | None
    instructions: str | None
    order_number: str
    date: str
    number: int
    parcels: int
    carrier: str | None
    tracking_number: str | None
    lines: Sequence[PaperLine]

    def text(self, message: UserMessage) -> str:
        return translate(message, [self.locale])

    @property
    def parcel(self) -> str:
        return self.text(
            UserMessage("Parcel {number} of {count}", number=self.number, count=self.parcels)
        )

    @property
    def order(self) -> str:
        return self.text(UserMessage("Order {number}", number=self.order_number))


def make_label(paper: ParcelPaper) -> bytes:
    """Return a label of the size A6 as PDF, for a printer of labels."""
    buffer = BytesIO()
    canvas = _open(buffer, A6, paper.order)
    width, height = A6
    y = _block(canvas, paper.sender, MARGIN, height - MARGIN - 8, 8, width - 2 * MARGIN)
    canvas.line(MARGIN, y, width - MARGIN, y)
    y -= 2 * 8 * LINE
    draw(canvas, paper.text(UserMessage("Deliver to")), MARGIN, y, 8)
    name, *rest = paper.recipient
    y = _block(canvas, [name], MARGIN, y - 14 * LINE, 14, width - 2 * MARGIN, BOLD)
    _block(canvas, [*rest, *_contact(paper)], MARGIN, y, 11, width - 2 * MARGIN)
    _draw_foot(canvas, paper, width)
    canvas.save()
    return buffer.getvalue()


def make_packing_slip(paper: ParcelPaper) -> bytes:
    """Return a packing slip of the size A4 as PDF, of as many pages as the articles need."""
    buffer = BytesIO()
    canvas = _open(buffer, A4, paper.order)
    y = _draw_head(canvas, paper)
    for line in paper.lines:
        y = _draw_article(canvas, paper, line, y)
    canvas.save()
    return buffer.getvalue()


def _open(buffer: BytesIO, size: tuple[float, float], title: str) -> Canvas:
    canvas = Canvas(buffer, pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setLineWidth(0.5)
    return canvas


def _block(
    canvas: Canvas,
    lines: Sequence[str],
    x: float,
    y: float,
    size: float,
    width: float,
    weight: int = REGULAR,
) -> float:
    """Draw lines below each other, broken once at a width. Return the base line of the next one."""
    for part in (part for line in lines for part in wrap(line, size, width, 2, weight)):
        draw(canvas, part, x, y, size, weight)
        y -= size * LINE
    return y


def _contact(paper: ParcelPaper) -> Iterator[str]:
    """Yield what the carrier needs at the door."""
    if paper.phone:
        yield paper.phone
    if paper.instructions:
        yield paper.instructions


def _draw_foot(canvas: Canvas, paper: ParcelPaper, width: float) -> None:
    """Draw the tracking number, as bars too, and the number of the order."""
    inner = width - 2 * MARGIN
    draw(canvas, fit(paper.order, 9, inner * 0.6, BOLD), MARGIN, MARGIN, 9, BOLD)
    draw_right(canvas, fit(paper.parcel, 9, inner * 0.4), width - MARGIN, MARGIN, 9)
    if not paper.tracking_number:
        return
    number = " ".join(filter(None, (paper.carrier, paper.tracking_number)))
    draw(canvas, fit(number, 9, inner), MARGIN, MARGIN + 9 * LINE, 9)
    if paper.tracking_number.isascii() and len(paper.tracking_number) <= MAX_BARS:
        bars = Code128(paper.tracking_number, barHeight=16 * mm, barWidth=BAR_MM * mm, quiet=0)
        scale = min(1.0, inner / bars.width)
        canvas.saveState()
        canvas.translate(MARGIN, MARGIN + 2.4 * 9 * LINE)
        canvas.scale(scale, 1)
        bars.drawOn(canvas, 0, 0)
        canvas.restoreState()


def _draw_head(canvas: Canvas, paper: ParcelPaper) -> float:
    """Draw all above the articles, and return their first base line."""
    width, height = A4
    half = width / 2 - WIDE_MARGIN
    top = height - WIDE_MARGIN - 18
    draw(canvas, paper.text(UserMessage("Packing slip")), WIDE_MARGIN, top, 18, BOLD)
    draw_right(canvas, paper.order, width - WIDE_MARGIN, top, 11, BOLD)
    draw_right(canvas, paper.date, width - WIDE_MARGIN, top - 11 * LINE, 10)
    draw_right(canvas, paper.parcel, width - WIDE_MARGIN, top - 22 * LINE, 10)
    y = top - 45 * LINE
    left = _block(canvas, paper.sender, WIDE_MARGIN, y, 10, half)
    draw(canvas, paper.text(UserMessage("Deliver to")), width / 2, y + 10 * LINE, 8)
    right = _block(canvas, [*paper.recipient, *_contact(paper)], width / 2, y, 10, half)
    return _draw_columns(canvas, paper, min(left, right) - 20)


def _draw_columns(canvas: Canvas, paper: ParcelPaper, y: float) -> float:
    width = A4[0]
    draw(canvas, paper.text(UserMessage("Quantity")), WIDE_MARGIN, y, 9)
    draw(canvas, paper.text(UserMessage("Article")), WIDE_MARGIN + ARTICLE_X, y, 9)
    canvas.line(WIDE_MARGIN, y - 5, width - WIDE_MARGIN, y - 5)
    return y - 5 - 10 * LINE


def _draw_article(canvas: Canvas, paper: ParcelPaper, line: PaperLine, y: float) -> float:
    """Draw an article, on a new page if it does not fit, and return the next base line."""
    x, inner = WIDE_MARGIN + ARTICLE_X, A4[0] - 2 * WIDE_MARGIN - ARTICLE_X
    title = wrap(line.title, 10, inner, ARTICLE_LINES)
    detail = wrap(line.detail, 8, inner, ARTICLE_LINES)
    if y - (len(title) * 10 + len(detail) * 8) * LINE < WIDE_MARGIN:
        canvas.showPage()
        canvas.setLineWidth(0.5)
        y = _draw_columns(canvas, paper, A4[1] - WIDE_MARGIN - 10)
    draw(canvas, str(line.quantity), WIDE_MARGIN, y, 10, BOLD)
    y = _block(canvas, title, x, y, 10, inner)
    return _block(canvas, detail, x, y, 8, inner) - 6

"""Tickets on paper: a page of A5 each, with the code that is scanned at the door.

The same tickets give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.pagesizes import A5
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from core.errors import UserMessage
from core.media.qr_drawing import draw_code
from core.text.typesetting import BOLD, REGULAR, OutlineCanvas, draw, draw_right, wrap
from services.i18n import translate

MARGIN = 12 * mm
WIDTH, HEIGHT = A5
INNER = WIDTH - 2 * MARGIN
LINE = 1.35  # distance of base lines, in sizes of the type
CODE_SIDE = 80 * mm
MAX_LINES = 3  # of a text


@dataclass(frozen=True)
class TicketPaper:
    """The texts of a ticket. `seat` is its section, row and number, or empty."""

    locale: str
    event: str
    starts: str
    place: Sequence[str]
    ticket_type: str
    seat: Sequence[str]
    attendee: str | None
    vendor: str
    code: str
    token: str

    def text(self, message: UserMessage) -> str:
        return translate(message, [self.locale])

    @property
    def seat_text(self) -> str | None:
        if not self.seat:
            return None
        section, row, number = self.seat
        return self.text(
            UserMessage("{section}, row {row}, seat {seat}", section=section, row=row, seat=number)
        )


def make_tickets(papers: Sequence[TicketPaper]) -> bytes:
    """Return tickets as PDF, one a page."""
    buffer = BytesIO()
    first = papers[0]
    canvas = OutlineCanvas(buffer, pagesize=A5, invariant=1, pageCompression=1, lang=first.locale)
    canvas.setTitle(first.event)
    canvas.setAuthor(first.vendor)
    for paper in papers:
        _draw(canvas, paper)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, paper: TicketPaper) -> None:
    y = _block(canvas, [paper.event], HEIGHT - MARGIN - 18, 18, BOLD) - 4
    y = _block(canvas, [paper.starts], y, 11, BOLD)
    y = _block(canvas, paper.place, y, 10) - 4
    y = _block(canvas, [paper.ticket_type], y, 12, BOLD)
    _block(canvas, [one for one in (paper.seat_text, paper.attendee) if one], y, 12)
    draw_code(canvas, paper.token, (WIDTH - CODE_SIDE) / 2, MARGIN + 22 * mm, CODE_SIDE)
    foot = MARGIN + 16 * mm
    draw(canvas, paper.text(UserMessage("Code")), MARGIN, foot, 9)
    draw_right(canvas, paper.code, WIDTH - MARGIN, foot, 14, BOLD)
    once = UserMessage("Each code admits once. Show it only at the door.")
    _block(canvas, [paper.vendor, paper.text(once)], MARGIN + 8 * mm, 8)


def _block(
    canvas: Canvas, lines: Sequence[str], y: float, size: float, weight: int = REGULAR
) -> float:
    """Draw lines below each other. Return the base line after them."""
    for one in (one for line in lines for one in wrap(line, size, INNER, MAX_LINES, weight)):
        draw(canvas, one, MARGIN, y, size, weight)
        y -= size * LINE
    return y

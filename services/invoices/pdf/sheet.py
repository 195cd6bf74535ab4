"""A sheet of A4 on which a document is drawn from the top, page after page."""

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from core.media.qr_drawing import draw_code
from core.text.typesetting import REGULAR, OutlineCanvas, draw, draw_right, fit, shape, wrap

MARGIN = 18 * mm
WIDTH, HEIGHT = A4
INNER = WIDTH - 2 * MARGIN
LINE = 1.35  # distance of base lines, in sizes of the type
FOOT = MARGIN + 10 * mm  # the end of what is drawn on a page


class Sheet:
    """Draws from the top of the first page. `y` is the base line of what comes next."""

    def __init__(self, title: str, author: str, language: str) -> None:
        self._buffer = BytesIO()
        self.canvas = OutlineCanvas(
            self._buffer, pagesize=A4, invariant=1, pageCompression=1, lang=language
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setLineWidth(0.5)
        self.page = 1
        self.y = HEIGHT - MARGIN

    def save(self) -> bytes:
        self.canvas.save()
        return self._buffer.getvalue()

    def has_room(self, height: float) -> bool:
        return self.y - height >= FOOT

    def turn(self) -> None:
        """Go on at the top of another page."""
        self.canvas.showPage()
        self.canvas.setLineWidth(0.5)
        self.page += 1
        self.y = HEIGHT - MARGIN

    def left(self, text: str, x: float, size: float, weight: int = REGULAR) -> None:
        draw(self.canvas, text, x, self.y, size, weight)

    def right(self, text: str, x: float, size: float, weight: int = REGULAR) -> None:
        draw_right(self.canvas, text, x, self.y, size, weight)

    def fitted_right(self, text: str, x: float, size: float, width: float) -> None:
        """Draw a number that ends at `x`, smaller if it would not fit into its column."""
        needed = shape(text).width * size
        self.right(text, x, size if needed <= width else size * width / needed)

    def block(
        self, lines: Sequence[str], x: float, size: float, width: float, weight: int = REGULAR
    ) -> float:
        """Draw lines below each other without moving on. Return the base line after them."""
        y = self.y
        for one in (one for line in lines for one in wrap(line, size, width, 3, weight)):
            draw(self.canvas, one, x, y, size, weight)
            y -= size * LINE
        return y

    def rule(self, above: float = 4) -> None:
        self.canvas.line(MARGIN, self.y + above, WIDTH - MARGIN, self.y + above)

    def pair(self, label: str, value: str, x: float, size: float, weight: int = REGULAR) -> None:
        """Draw a label at `x`, and its value at the right margin, and move on."""
        width = shape(value, weight).width * size
        self.left(fit(label, size, WIDTH - MARGIN - x - width - 6, weight), x, size, weight)
        self.right(value, WIDTH - MARGIN, size, weight)
        self.y -= size * LINE

    def code(self, text: str, x: float, y: float, side: float) -> None:
        """Draw a QR code with its lower left corner at a point."""
        draw_code(self.canvas, text, x, y, side)

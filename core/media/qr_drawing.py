"""QR codes on paper."""

from reportlab.pdfgen.canvas import Canvas

from core.media import qr


def draw_code(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """Draw a QR code as one path, with its quiet zone and its lower left corner at a point."""
    rows = qr.matrix(text)
    module = side / len(rows)
    path = canvas.beginPath()
    for place, row in enumerate(rows):
        for column, dark in enumerate(row):
            if dark:
                path.rect(x + column * module, y + side - (place + 1) * module, module, module)
    canvas.drawPath(path, stroke=0, fill=1)

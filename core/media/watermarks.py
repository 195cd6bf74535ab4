"""Marks copies of pictures and PDF files with a line about their buyer, and makes previews.

Call them through `core/media/sandbox.py`. The line is drawn by `core/text/typesetting.py` as
outlines on a page, which is laid over each page of a document, or painted into a picture: so it
shows names in any script, and needs no font in the file.
"""

from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image, ImageChops, ImageOps
from reportlab.pdfgen.canvas import Canvas

from core.media.file_types import (
    DECODE_ERRORS,
    JPEG,
    PNG,
    WEBP,
    UnacceptableFile,
    UploadRejectionReason,
    image_type,
)
from core.media.images.inspection import open_image
from core.text.typesetting import draw, fit

MAX_MARKED_PIXELS = 25_000_000  # several copies of 4 bytes a pixel are in memory
MAX_MARKED_PAGES = 2_000
PREVIEW_EDGE = 480  # pixels
MARGIN, LINE_SIZE = 14.0, 8.0  # points
DIAGONAL_SIZE, DIAGONAL_ALPHA = 22.0, 0.12
TILE_WIDTH, TILE_HEIGHT, TILE_ALPHA = 360.0, 120.0, 0.45
TILES_ACROSS = 2.5  # of the shorter edge of a picture
OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    JPEG: ("JPEG", {"quality": 92, "optimize": True}),
    PNG: ("PNG", {"optimize": True}),
    WEBP: ("WEBP", {"quality": 92}),
}
PDF_ERRORS = (pikepdf.PdfError, pypdfium2.PdfiumError, *DECODE_ERRORS)


def mark_file(file: bytes, text: str) -> bytes:
    """Return a copy of a picture or a PDF file with a line of text. Raises `UnacceptableFile`."""
    type = image_type(file)
    try:
        return _mark_pdf(file, text) if type is None else _mark_picture(file, type, text)
    except Image.DecompressionBombError as error:
        raise UnacceptableFile(UploadRejectionReason.PIXELS) from error
    except PDF_ERRORS as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error


def make_preview(file: bytes) -> bytes:
    """Return a small JPEG of a picture, or of the first page of a PDF file.

    Raises `UnacceptableFile`.
    """
    try:
        shown = _first_page(file) if image_type(file) is None else _open_picture(file)
        shown.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE), Image.Resampling.LANCZOS)
        preview = BytesIO()
        _on_white(shown).save(preview, "JPEG", quality=70, optimize=True)
    except Image.DecompressionBombError as error:
        raise UnacceptableFile(UploadRejectionReason.PIXELS) from error
    except PDF_ERRORS as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    return preview.getvalue()


def _mark_pdf(file: bytes, text: str) -> bytes:
    marked = BytesIO()
    with pikepdf.open(BytesIO(file), suppress_warnings=True) as document:
        if len(document.pages) > MAX_MARKED_PAGES:
            raise UnacceptableFile(UploadRejectionReason.TOO_LARGE)
        forms: dict[tuple[int, int], pikepdf.Object] = {}
        for page in document.pages:
            box = pikepdf.Rectangle(page.mediabox)
            size = (round(box.width), round(box.height))
            if size not in forms:
                with pikepdf.open(BytesIO(_page(*size, text))) as overlay:
                    form = overlay.pages[0].as_form_xobject()
                    forms[size] = document.copy_foreign(form)
            page.add_overlay(forms[size], box)
        document.save(marked)
    return marked.getvalue()


def _page(width: float, height: float, text: str) -> bytes:
    """Return a page with the text at its foot, and across it."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(max(width, 1), max(height, 1)), invariant=1)
    canvas.setFillGray(0.35)
    line = fit(text, LINE_SIZE, max(width - 2 * MARGIN, 1))
    draw(canvas, line, MARGIN, MARGIN, LINE_SIZE)
    canvas.setFillAlpha(DIAGONAL_ALPHA)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(35)
    reach = min(width, height) * 0.9
    draw(canvas, fit(text, DIAGONAL_SIZE, max(reach, 1)), -reach / 2, 0, DIAGONAL_SIZE)
    canvas.save()
    return buffer.getvalue()


def _mark_picture(file: bytes, type: str, text: str) -> bytes:
    if type not in OPTIONS:
        raise UnacceptableFile(UploadRejectionReason.TYPE)
    picture = _open_picture(file)
    scale = max(min(picture.size) / TILES_ACROSS / TILE_WIDTH, 0.2)
    tile = _tile(text, scale).rotate(25, expand=True, resample=Image.Resampling.BICUBIC)
    marked = picture.convert("RGBA")
    for place, top in enumerate(range(0, marked.height, tile.height)):
        shift = tile.width // 2 if place % 2 else 0
        for left in range(-shift, marked.width, tile.width):
            marked.paste(tile, (left, top), tile)
    if type == JPEG or picture.mode == "RGB":
        marked = marked.convert("RGB")
    format, options = OPTIONS[type]
    written = BytesIO()
    marked.save(written, format, **options)
    return written.getvalue()


def _tile(text: str, scale: float) -> Image.Image:
    """Return the text in white with a dark shadow, for light and dark pictures alike."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(TILE_WIDTH, TILE_HEIGHT), invariant=1)
    draw(canvas, fit(text, 16, TILE_WIDTH - 20), 10, TILE_HEIGHT / 2, 16)
    canvas.save()
    drawn = pypdfium2.PdfDocument(buffer.getvalue())[0].render(scale=scale).to_pil()
    letters = ImageOps.invert(drawn.convert("L")).point(lambda value: round(value * TILE_ALPHA))
    tile = Image.new("RGBA", letters.size, (255, 255, 255, 0))
    for shade, offset in ((0, max(round(scale), 1)), (255, 0)):
        layer = Image.new("RGBA", letters.size, (shade, shade, shade, 0))
        layer.putalpha(ImageChops.offset(letters, offset, offset))
        tile.alpha_composite(layer)
    return tile


def _open_picture(file: bytes) -> Image.Image:
    """Return the upright picture as RGB, or RGBA if it is transparent."""
    with open_image(file) as image:
        width, height = image.size
        if width * height > MAX_MARKED_PIXELS:
            raise UnacceptableFile(UploadRejectionReason.PIXELS)
        if getattr(image, "is_animated", False):
            raise UnacceptableFile(UploadRejectionReason.TYPE)
        upright = ImageOps.exif_transpose(image)
        return upright.convert("RGBA" if image.has_transparency_data else "RGB")


def _first_page(file: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(file)
    page = document[0]
    scale = PREVIEW_EDGE / max(*page.get_size(), 1)
    drawn: Image.Image = page.render(scale=scale).to_pil()
    return drawn.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground

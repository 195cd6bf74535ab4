"""Merges pictures and PDF files into one document, for those who take a single file.

Call it through `core/media/sandbox.py`. Pictures become pages, the smaller the less space is left.
"""

from collections.abc import Sequence
from io import BytesIO

import pikepdf
from PIL import Image, ImageOps

from core.media.file_types import (
    DECODE_ERRORS,
    UnacceptableFile,
    UploadRejectionReason,
    image_type,
)
from core.media.images.inspection import open_image

MAX_MERGED_BYTES = 4_500_000
MAX_MERGED_PAGES = 49
# The longer edge of a picture in pixels, and the quality of its JPEG.
LEVELS = ((2_000, 85), (1_400, 70), (1_000, 50))
RESOLUTION = 150.0  # pixels per inch


def merge_files(files: Sequence[bytes]) -> bytes:
    """Return one PDF document of at most `MAX_MERGED_BYTES` with the first `MAX_MERGED_PAGES`.

    Raises `UnacceptableFile`.
    """
    try:
        for edge, quality in LEVELS:
            merged = _merge(files, edge, quality)
            if len(merged) <= MAX_MERGED_BYTES:
                return merged
    except Image.DecompressionBombError as error:
        raise UnacceptableFile(UploadRejectionReason.PIXELS) from error
    except (pikepdf.PdfError, *DECODE_ERRORS) as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    raise UnacceptableFile(UploadRejectionReason.TOO_LARGE)


def _merge(files: Sequence[bytes], edge: int, quality: int) -> bytes:
    merged = BytesIO()
    with pikepdf.new() as document:
        for file in files:
            page = file if image_type(file) is None else _page_of(file, edge, quality)
            with pikepdf.open(BytesIO(page), suppress_warnings=True) as source:
                left = MAX_MERGED_PAGES - len(document.pages)
                document.pages.extend(list(source.pages)[: max(left, 0)])
        document.remove_unreferenced_resources()
        document.save(merged, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return merged.getvalue()


def _page_of(file: bytes, edge: int, quality: int) -> bytes:
    """Return a picture as a PDF file of one page."""
    with open_image(file) as image:
        shown = ImageOps.exif_transpose(image).convert("RGBA")
    shown.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", shown.size, "white")
    ground.paste(shown, mask=shown.getchannel("A"))
    page = BytesIO()
    ground.save(page, "PDF", quality=quality, resolution=RESOLUTION)
    return page.getvalue()

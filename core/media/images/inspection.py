"""Decodes images: a valid header alone proves nothing."""

from contextlib import suppress
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image

from core.media.file_types import (
    DECODE_ERRORS,
    HEAD_BYTES,
    HTML,
    JPEG,
    WEBP,
    FileInfo,
    UnacceptableFile,
    UploadRejectionReason,
    is_archive,
)

MAX_PIXELS = 64_000_000
# libwebp holds three copies: at 64 million pixels 768 MB.
MAX_WEBP_PIXELS = 32_000_000
MAX_SCANS = 100  # a progressive JPEG has about ten; each takes as long as the whole image
ROTATED_ORIENTATIONS = {5, 6, 7, 8}  # width and height are swapped (Exif 2.3, tag 0x0112)


def inspect_image(file: bytes, type: str) -> FileInfo:
    """Decode the image, or its first frame. Raises `UnacceptableFile`.

    Takes up to 450 MB and two seconds.
    """
    if HTML.search(file) or is_archive(file) or b"%PDF-" in file[:HEAD_BYTES]:
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    if type == JPEG and file.count(b"\xff\xda") > MAX_SCANS:
        raise UnacceptableFile(UploadRejectionReason.PIXELS)
    try:
        with open_image(file) as image:
            ensure_pixels(image, type)
            width, height = image.size
            rotated = orientation(image) in ROTATED_ORIENTATIONS
            image.draft("RGB", (1, 1))  # for a JPEG: reads all data, but decodes at 1/8 scale
            image.load()
    except Image.DecompressionBombError as error:
        raise UnacceptableFile(UploadRejectionReason.PIXELS) from error
    except DECODE_ERRORS as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    return FileInfo(type, height, width) if rotated else FileInfo(type, width, height)


def ensure_pixels(image: Image.Image, type: str) -> None:
    """Raise `UnacceptableFile` if decoding the image would take too much memory."""
    width, height = image.size
    if width * height > (MAX_WEBP_PIXELS if type == WEBP else MAX_PIXELS):
        raise UnacceptableFile(UploadRejectionReason.PIXELS)


def open_image(file: bytes) -> Image.Image:
    return Image.open(BytesIO(file), formats=["JPEG", "PNG", "GIF", "WEBP"])


def orientation(image: Image.Image) -> Any:
    with suppress(*DECODE_ERRORS):
        return image.getexif().get(ExifTags.Base.Orientation)
    return None

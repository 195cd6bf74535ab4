"""Detects the type of a file from its content only.

A polyglot file, such as an image with an HTML page appended, is rejected.
"""

import re
import struct
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image

JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
PDF, TEXT = "application/pdf", "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OFFICE}.wordprocessingml.document"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"

IMAGE_SIGNATURES = {
    re.compile(rb"\xff\xd8\xff"): JPEG,
    re.compile(rb"\x89PNG\r\n\x1a\n"): PNG,
    re.compile(rb"GIF8[79]a"): GIF,
    re.compile(rb"RIFF.{4}WEBP", re.DOTALL): WEBP,
}
MAX_PIXELS = 64_000_000
MAX_SCANS = 100  # a progressive JPEG has about ten; each takes as long as the whole image
ROTATED_ORIENTATIONS = {5, 6, 7, 8}  # width and height are swapped (Exif 2.3, tag 0x0112)
# Raised by Pillow and zipfile for malicious files, beyond the exceptions they document.
DECODE_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, TypeError),
    *(AttributeError, NotImplementedError, RuntimeError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)

HEAD_BYTES = 1024
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
CONTENT_TYPES_PART = "[Content_Types].xml"
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
HTML = re.compile(rb"<(?:script|html|!doctype\s+html)[\s>]", re.IGNORECASE)
MARKUP_OR_SCRIPT = re.compile(
    rb"^(?:\xef\xbb\xbf)?#!|<(?:!doctype|\?xml|html|head|body|script|iframe|object|embed|svg)\b",
    re.IGNORECASE,
)


class UploadRejectionReason(StrEnum):
    SIZE = "SIZE"
    TOO_LARGE = "TOO_LARGE"
    TYPE = "TYPE"
    AMBIGUOUS = "AMBIGUOUS"
    DAMAGED = "DAMAGED"
    PIXELS = "PIXELS"


class UnacceptableFile(Exception):
    def __init__(self, rejection_reason: UploadRejectionReason) -> None:
        super().__init__(rejection_reason)
        self.rejection_reason = rejection_reason


@dataclass(frozen=True)
class FileInfo:
    """A media type, and for an image its size in pixels, after rotation."""

    type: str
    width: int | None = None
    height: int | None = None


def inspect_file(file: bytes) -> FileInfo:
    """Return the type of a complete file. Raises `UnacceptableFile`.

    Decoding an image takes up to a second and 256 MB, so call it in a thread.
    """
    for signature, type in IMAGE_SIGNATURES.items():
        if signature.match(file):
            return _inspect_image(file, type)
    if file.startswith(b"%PDF-"):
        return _inspect_pdf(file)
    if file.startswith(b"PK\x03\x04"):
        return _inspect_office_document(file)
    return _inspect_text(file)


def _inspect_image(file: bytes, type: str) -> FileInfo:
    """Decode the image, or its first frame: a valid header alone proves nothing."""
    if _contains_html(file) or _is_archive(file) or b"%PDF-" in file[:HEAD_BYTES]:
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    if type == JPEG and file.count(b"\xff\xda") > MAX_SCANS:
        raise UnacceptableFile(UploadRejectionReason.PIXELS)
    try:
        with Image.open(BytesIO(file), formats=["JPEG", "PNG", "GIF", "WEBP"]) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise UnacceptableFile(UploadRejectionReason.PIXELS)
            rotated = orientation(image) in ROTATED_ORIENTATIONS
            image.draft("RGB", (1, 1))  # for a JPEG: reads all data, but decodes at 1/8 scale
            image.load()
    except Image.DecompressionBombError as error:
        raise UnacceptableFile(UploadRejectionReason.PIXELS) from error
    except DECODE_ERRORS as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    return FileInfo(type, height, width) if rotated else FileInfo(type, width, height)


def orientation(image: Image.Image) -> Any:
    with suppress(*DECODE_ERRORS):
        return image.getexif().get(ExifTags.Base.Orientation)
    return None


def _inspect_pdf(file: bytes) -> FileInfo:
    if HTML.search(file, 0, HEAD_BYTES) or _is_archive(file):
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    if b"%%EOF" not in file[-HEAD_BYTES:]:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED)
    return FileInfo(PDF)


def _inspect_office_document(file: bytes) -> FileInfo:
    """Accept Office Open XML texts and spreadsheets without macros. Reject other archives."""
    try:
        with zipfile.ZipFile(BytesIO(file)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise UnacceptableFile(UploadRejectionReason.TOO_LARGE)
            if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
                raise UnacceptableFile(UploadRejectionReason.TYPE)
            with archive.open(CONTENT_TYPES_PART) as part:
                content_types = part.read(MAX_UNPACKED_BYTES // 256)
    except KeyError as error:
        raise UnacceptableFile(UploadRejectionReason.TYPE) from error
    except DECODE_ERRORS as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    if b"%PDF-" in file[:HEAD_BYTES]:
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    for type in (DOCX, XLSX):
        if f'"{type}.main+xml"'.encode() in content_types:
            return FileInfo(type)
    raise UnacceptableFile(UploadRejectionReason.TYPE)


def _inspect_text(file: bytes) -> FileInfo:
    """Accept UTF-8 without control characters that does not start like HTML, XML or a script."""
    try:
        text = file.decode()
    except UnicodeDecodeError as error:
        raise UnacceptableFile(UploadRejectionReason.TYPE) from error
    if (
        CONTROL_CHARACTERS.search(text)
        or MARKUP_OR_SCRIPT.search(file, 0, HEAD_BYTES)
        or b"%PDF-" in file[:HEAD_BYTES]
    ):
        raise UnacceptableFile(UploadRejectionReason.TYPE)
    return FileInfo(TEXT)


def _contains_html(file: bytes) -> bool:
    return HTML.search(file) is not None


def _is_archive(file: bytes) -> bool:
    return zipfile.is_zipfile(BytesIO(file))

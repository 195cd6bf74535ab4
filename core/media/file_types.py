"""Media types of files, and the reasons why a file is rejected."""

import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import NamedTuple

JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
AVIF = "image/avif"  # of sizes of pictures only, not accepted
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
# Raised by Pillow and zipfile for malicious files, beyond the exceptions they document.
DECODE_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, TypeError),
    *(AttributeError, NotImplementedError, RuntimeError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)
HEAD_BYTES = 1024
HTML = re.compile(rb"<(?:script|html|!doctype\s+html)[\s>]", re.IGNORECASE)


class UploadRejectionReason(StrEnum):
    SIZE = "SIZE"
    TOO_LARGE = "TOO_LARGE"
    TYPE = "TYPE"
    AMBIGUOUS = "AMBIGUOUS"
    DAMAGED = "DAMAGED"
    PIXELS = "PIXELS"
    ACTIVE_CONTENT = "ACTIVE_CONTENT"


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


class PictureCopy(NamedTuple):
    """A smaller copy of a picture, its size in pixels."""

    width: int
    height: int
    type: str
    content: bytes


class SizedPicture(NamedTuple):
    """The copies of a picture, the smallest first, and the hash of a blurred preview."""

    blurhash: str
    copies: Sequence[PictureCopy]


def image_type(file: bytes) -> str | None:
    """Return the type of an image by its first bytes."""
    matches = (type for signature, type in IMAGE_SIGNATURES.items() if signature.match(file))
    return next(matches, None)


def is_archive(file: bytes) -> bool:
    return zipfile.is_zipfile(BytesIO(file))

"""What a file is, told by what is in it and by nothing that is said of it.

A file that also reads as something else, such as a picture with a page behind it,
is none. Pillow reads pictures and zipfile the archives that office documents are.
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

PICTURES = {
    re.compile(rb"\xff\xd8\xff"): JPEG,
    re.compile(rb"\x89PNG\r\n\x1a\n"): PNG,
    re.compile(rb"GIF8[79]a"): GIF,
    re.compile(rb"RIFF.{4}WEBP", re.DOTALL): WEBP,
}
MOST_PIXELS = 64_000_000
MOST_SCANS = 100  # a progressive JPEG has about ten; each takes as long as the whole picture
ON_ITS_SIDE = {5, 6, 7, 8}  # how a camera was held (Exif 2.3, tag 0x0112)
# What Pillow and zipfile raise over files made to hurt, besides what they document.
BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, TypeError),
    *(AttributeError, NotImplementedError, RuntimeError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)

HEAD = 1024
MOST_UNPACKED = 256 * 1024 * 1024
CONTENTS = "[Content_Types].xml"
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
MARKUP = re.compile(rb"<(?:script|html|!doctype\s+html)[\s>]", re.IGNORECASE)
NOT_PLAIN = re.compile(
    rb"^(?:\xef\xbb\xbf)?#!|<(?:!doctype|\?xml|html|head|body|script|iframe|object|embed|svg)\b",
    re.IGNORECASE,
)


class UploadRejectionReason(StrEnum):
    """Why a file is not taken."""

    SIZE = "SIZE"
    TOO_LARGE = "TOO_LARGE"
    TYPE = "TYPE"
    AMBIGUOUS = "AMBIGUOUS"
    DAMAGED = "DAMAGED"
    PIXELS = "PIXELS"


class UnacceptableFile(Exception):
    """The file cannot be taken."""

    def __init__(self, rejection_reason: UploadRejectionReason) -> None:
        super().__init__(rejection_reason)
        self.rejection_reason = rejection_reason


@dataclass(frozen=True)
class Content:
    """A media type; of a picture also its size in pixels, as it is to be shown."""

    type: str
    width: int | None = None
    height: int | None = None


def judge(file: bytes) -> Content:
    """What a whole file is. `UnacceptableFile` if it is nothing that is taken.

    Decoding a picture takes up to a second and 256 MB, so call it in a thread.
    """
    for beginning, type in PICTURES.items():
        if beginning.match(file):
            return _picture(file, type)
    if file.startswith(b"%PDF-"):
        return _pdf(file)
    if file.startswith(b"PK\x03\x04"):
        return _office_document(file)
    return _text(file)


def _picture(file: bytes, type: str) -> Content:
    """Decoded, for a header alone proves nothing; of an animation, its first frame."""
    if _is_also_a_page(file) or _is_also_an_archive(file) or b"%PDF-" in file[:HEAD]:
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    if type == JPEG and file.count(b"\xff\xda") > MOST_SCANS:
        raise UnacceptableFile(UploadRejectionReason.PIXELS)
    try:
        with Image.open(BytesIO(file), formats=["JPEG", "PNG", "GIF", "WEBP"]) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise UnacceptableFile(UploadRejectionReason.PIXELS)
            turned = orientation(image) in ON_ITS_SIDE
            image.draft("RGB", (1, 1))  # of a JPEG: all of it is read, an eighth is decoded
            image.load()
    except Image.DecompressionBombError as error:
        raise UnacceptableFile(UploadRejectionReason.PIXELS) from error
    except BROKEN as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    return Content(type, height, width) if turned else Content(type, width, height)


def orientation(image: Image.Image) -> Any:
    """How the camera was held, if Exif says so. What cannot be read says nothing."""
    with suppress(*BROKEN):
        return image.getexif().get(ExifTags.Base.Orientation)
    return None


def _pdf(file: bytes) -> Content:
    if MARKUP.search(file, 0, HEAD) or _is_also_an_archive(file):
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    if b"%%EOF" not in file[-HEAD:]:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED)
    return Content(PDF)


def _office_document(file: bytes) -> Content:
    """A text or a table of Office Open XML, without macros; other archives are not taken."""
    try:
        with zipfile.ZipFile(BytesIO(file)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise UnacceptableFile(UploadRejectionReason.TOO_LARGE)
            if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
                raise UnacceptableFile(UploadRejectionReason.TYPE)
            with archive.open(CONTENTS) as contents:
                told = contents.read(MOST_UNPACKED // 256)
    except KeyError as error:
        raise UnacceptableFile(UploadRejectionReason.TYPE) from error
    except BROKEN as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    if b"%PDF-" in file[:HEAD]:
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    for type in (DOCX, XLSX):
        if f'"{type}.main+xml"'.encode() in told:
            return Content(type)
    raise UnacceptableFile(UploadRejectionReason.TYPE)


def _text(file: bytes) -> Content:
    """UTF-8 without control characters that does not begin like a page or a program."""
    try:
        text = file.decode()
    except UnicodeDecodeError as error:
        raise UnacceptableFile(UploadRejectionReason.TYPE) from error
    if CONTROLS.search(text) or NOT_PLAIN.search(file, 0, HEAD) or b"%PDF-" in file[:HEAD]:
        raise UnacceptableFile(UploadRejectionReason.TYPE)
    return Content(TEXT)


def _is_also_a_page(file: bytes) -> bool:
    return MARKUP.search(file) is not None


def _is_also_an_archive(file: bytes) -> bool:
    return zipfile.is_zipfile(BytesIO(file))

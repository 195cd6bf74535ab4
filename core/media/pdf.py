"""Inspects PDF files with qpdf, which also reads compressed objects and escaped names."""

import re
from io import BytesIO

import pikepdf

from core.media.file_types import (
    HEAD_BYTES,
    HTML,
    PDF,
    FileInfo,
    UnacceptableFile,
    UploadRejectionReason,
    is_archive,
)

# Scripts, the actions that run them or start programs, and XFA forms, which contain scripts.
ACTIVE_NAMES = frozenset({"/JavaScript", "/JS", "/Launch", "/XFA"})
MAYBE_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|XFA)\b")


def inspect_pdf(file: bytes) -> FileInfo:
    """Reject a PDF that runs scripts or starts programs, or that needs a password to be read."""
    if HTML.search(file, 0, HEAD_BYTES) or is_archive(file):
        raise UnacceptableFile(UploadRejectionReason.AMBIGUOUS)
    if b"%%EOF" not in file[-HEAD_BYTES:]:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED)
    try:
        with pikepdf.open(BytesIO(file), suppress_warnings=True) as document:
            active = any(_is_active(found) for found in document.objects)
    except pikepdf.PasswordError as error:
        raise UnacceptableFile(UploadRejectionReason.ACTIVE_CONTENT) from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise UnacceptableFile(UploadRejectionReason.DAMAGED) from error
    if active:
        raise UnacceptableFile(UploadRejectionReason.ACTIVE_CONTENT)
    return FileInfo(PDF)


def _is_active(found: pikepdf.Object) -> bool:
    """Check a dictionary as text first: walking each would take ten times as long."""
    if isinstance(found, pikepdf.Stream):
        found = found.stream_dict
    return MAYBE_ACTIVE.search(found.unparse(resolved=True)) is not None and _has_active_name(found)


def _has_active_name(found: pikepdf.Object) -> bool:
    """Look for keys and names in the object. Strings, such as a title, may contain them."""
    waiting: list[object] = [found]
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Name) and str(item) in ACTIVE_NAMES:
            return True
        if isinstance(item, pikepdf.Dictionary):
            if ACTIVE_NAMES & set(item.keys()):
                return True
            waiting += [value for _, value in item.items() if not _is_reference(value)]
        elif isinstance(item, pikepdf.Array):
            waiting += [entry for entry in item if not _is_reference(entry)]
    return False


def _is_reference(item: object) -> bool:
    """Return whether the item is an object of its own, which is checked by itself."""
    return isinstance(item, pikepdf.Object) and item.is_indirect

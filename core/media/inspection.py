"""Detects the type of a file from its content only, and removes what must not be served.

A polyglot file, such as an image with an HTML page appended, is rejected.
"""

import re

from core.media.file_types import (
    HEAD_BYTES,
    TEXT,
    FileInfo,
    UnacceptableFile,
    UploadRejectionReason,
    image_type,
)
from core.media.images.inspection import inspect_image
from core.media.images.metadata import strip_metadata
from core.media.office import inspect_office_document

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
MARKUP_OR_SCRIPT = re.compile(
    rb"^(?:\xef\xbb\xbf)?#!|<(?:!doctype|\?xml|html|head|body|script|iframe|object|embed|svg)\b",
    re.IGNORECASE,
)


def clean_file(file: bytes) -> tuple[FileInfo, bytes]:
    """Return the type and the content to serve: an image has no metadata.

    Raises `UnacceptableFile`. Call it through `core/media/sandbox.py`.
    """
    info = inspect_file(file)
    return info, strip_metadata(file, info.type) if image_type(file) else file


def inspect_file(file: bytes) -> FileInfo:
    """Return the type of a complete file. Raises `UnacceptableFile`."""
    if type := image_type(file):
        return inspect_image(file, type)
    if file.startswith(b"%PDF-"):
        from core.media.pdf import inspect_pdf  # noqa: PLC0415 - the library takes 0.1 s to load

        return inspect_pdf(file)
    if file.startswith(b"PK\x03\x04"):
        return inspect_office_document(file)
    return _inspect_text(file)


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

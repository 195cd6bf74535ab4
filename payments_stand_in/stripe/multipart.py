"""Forms with files, as Stripe takes them for uploads."""

import hashlib
from io import BytesIO
from typing import Any

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

TYPES = {b"%PDF-": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


def read_multipart(content_type: str, body: bytes) -> dict[str, Any]:
    """Return the fields of a form. A file is described by its name, type, size and hash."""
    mimetype, options = parse_options_header(content_type)
    _, fields, files = FormDataParser().parse(BytesIO(body), mimetype, len(body), options)
    form: dict[str, Any] = dict(fields.items())
    for name, file in files.items():
        content = file.stream.read()
        kind = next((one for start, one in TYPES.items() if content.startswith(start)), "")
        form[name] = {
            "filename": file.filename or "",
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": str(len(content)),
            "type": kind,
        }
    return form

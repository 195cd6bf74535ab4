"""The media type that a client announces for a file: a hint, because the content decides.

Operating systems look it up by the file's extension, in tables that other programs change: Windows
with Excel announces `application/vnd.ms-excel` for `.csv`, and unknown extensions have no type.
"""

import re
from collections.abc import Mapping

from core.media.file_types import JPEG, PNG, TEXT

MAX_TYPE_LENGTH = 100
UNKNOWN = "application/octet-stream"
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")  # RFC 6838, 4.2
_SPELLINGS: Mapping[str, str] = {
    "image/jpg": JPEG,
    "image/pjpeg": JPEG,
    "image/x-png": PNG,
    "text/x-log": TEXT,
}


def normalize_type(announced: str) -> str:
    """Return an announced type in its usual spelling, without parameters.

    A type that is malformed or too long is no hint: it becomes `application/octet-stream`.
    """
    bare = announced.partition(";")[0].strip(" \t").lower()
    usual = _SPELLINGS.get(bare, bare)
    return usual if len(usual) <= MAX_TYPE_LENGTH and _TYPE.fullmatch(usual) else UNKNOWN

"""Journal entries of pictures."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class PictureSized(Entry, kind="picture.sized"):
    """The sizes of a picture were made, or failed."""

    upload_id: UUID

"""Storage of objects by key. Signed links allow one method on one object until they expire."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import quote

from core.errors import Unavailable

LINK_SECONDS = 900


class UploadLink(NamedTuple):
    """A signed request for uploading an object of fixed length and type."""

    url: str
    method: str
    headers: dict[str, str]
    expires_at: datetime


class DownloadOptions(NamedTuple):
    """The type and file name of a download, and whether browsers show it inline."""

    content_type: str
    file_name: str
    inline: bool

    @property
    def disposition(self) -> str:
        """Return `Content-Disposition` (RFC 6266), with the name encoded against injection."""
        kind = "inline" if self.inline else "attachment"
        return f"{kind}; filename*=UTF-8''{quote(self.file_name, safe='')}"


class ObjectStorage(Protocol):
    """An object storage. Reads and writes raise `StorageUnreachable`."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def ensure_usable(self) -> None:
        """Raise `StorageMisconfigured` for wrong settings, `StorageUnreachable` for an outage."""

    async def ensure_space(self, size: int) -> None:
        """Raise `StorageOutOfSpace` if an upload of `size` bytes would leave too little space."""

    async def create_upload_link(self, key: str, content_type: str, size: int) -> UploadLink: ...

    async def create_download_link(
        self, key: str, options: DownloadOptions, seconds: int = LINK_SECONDS
    ) -> str: ...

    async def read(self, key: str, limit: int) -> bytes | None:
        """Return at most `limit` bytes from an object's start, or None if it is missing."""

    async def write(self, key: str, content: bytes, content_type: str) -> None: ...

    async def write_file(self, key: str, path: Path, content_type: str) -> None:
        """Store the content of a file, which need not fit into memory."""

    async def list_keys(self, folder: str) -> Sequence[str]:
        """Return the keys that start with `folder`, which ends in a slash."""

    async def remove(self, prefix: str, keep: str | None = None) -> None:
        """Remove every object whose key starts with `prefix`, except `keep`."""


class StorageUnreachable(Unavailable):
    """The storage does not respond, or responds with an error. A retry may succeed."""


class StorageOutOfSpace(StorageUnreachable):
    """The disk is full, or has less free space than `OBJECTS_MIN_FREE_MB`."""


class StorageMisconfigured(Exception):
    """The storage refuses access. The message names the setting to correct."""

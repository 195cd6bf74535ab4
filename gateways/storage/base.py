"""Objects by key: what people upload, kept in an S3 or in a folder.

Clients send and fetch objects themselves, by signed links. A link is good for one
object and one method until it ends, and one for sending for one length and type.
"""

from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import quote

LINK_SECONDS = 900


class Link(NamedTuple):
    """What a client needs to send an object."""

    url: str
    method: str
    headers: dict[str, str]
    expires_at: datetime


class Served(NamedTuple):
    """How an object is handed out: as what, by which name, and in a page or beside it."""

    content_type: str
    file_name: str
    inline: bool

    @property
    def disposition(self) -> str:
        """After RFC 6266; every name is written as RFC 5987 does, so that none can break out."""
        how = "inline" if self.inline else "attachment"
        return f"{how}; filename*=UTF-8''{quote(self.file_name, safe='')}"


class ObjectStorage(Protocol):
    """A store. What talks to it raises `Unreachable` when it cannot."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def ensure_usable(self) -> None:
        """Raises `Unusable` for settings that can never work."""

    async def link_to_send(self, key: str, content_type: str, size: int) -> Link: ...

    async def link_to_fetch(self, key: str, served: Served) -> str: ...

    async def read(self, key: str, most: int) -> bytes | None:
        """The beginning of an object, at most so many bytes; None if there is none."""

    async def write(self, key: str, content: bytes, content_type: str) -> None: ...

    async def remove(self, prefix: str, keep: str | None = None) -> None:
        """Every object whose key begins so, but for one."""


class Unreachable(Exception):
    """The store does not answer, or not as it should. It may later."""


class Unusable(Exception):
    """The store refuses us: a sentence says which setting is wrong."""

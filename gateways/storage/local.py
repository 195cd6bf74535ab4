"""Objects as files of a folder, sent and fetched through our own server.

The links are tokens signed by our keys; `web/files.py` honours them.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio

from core.ids import new_id
from core.signing_keys import BadSignature, SigningKeys, TokenEnded, WrongType
from gateways.storage.base import LINK_SECONDS, Link, Served, Unusable

PATH = "/objects"
KEY = re.compile(r"[a-z]+/[0-9a-z-]+")


class BadLink(Exception):
    """Not a link of ours, or for another method, or it has ended."""


class Folder:
    """A folder that every server and worker shares. Files appear whole or not at all."""

    def __init__(self, folder: Path, address: str, keys: SigningKeys) -> None:
        self._folder = folder
        self._address = address
        self._keys = keys

    async def start(self) -> None:
        """There is nothing to open."""

    async def stop(self) -> None:
        """There is nothing to close."""

    async def ensure_usable(self) -> None:
        try:
            await self.write("trial/trial", b"", "text/plain")
            await self.remove("trial/")
        except OSError as error:
            raise Unusable(f"OBJECTS_FOLDER: {error}") from error

    async def link_to_send(self, key: str, content_type: str, size: int) -> Link:
        expires = int(time.time()) + LINK_SECONDS
        url = self._link(expires, method="PUT", key=key, type=content_type, size=size)
        headers = {"Content-Type": content_type}
        return Link(url, "PUT", headers, datetime.fromtimestamp(expires, UTC))

    async def link_to_fetch(self, key: str, served: Served) -> str:
        expires = int(time.time()) + LINK_SECONDS
        type, disposition = served.content_type, served.disposition
        return self._link(expires, method="GET", key=key, type=type, disposition=disposition)

    def _link(self, expires: int, **allowed: object) -> str:
        return f"{self._address}{PATH}?link={self._keys.sign_link(allowed, expires)}"

    def allowed(self, link: str, method: str) -> dict[str, Any]:
        """What a link of ours is for. `BadLink` for any other."""
        try:
            claims = self._keys.read_link(link)
        except (BadSignature, WrongType, TokenEnded) as error:
            raise BadLink from error
        if claims["method"] != method:
            raise BadLink
        return claims

    def path(self, key: str) -> Path:
        """Where an object lies. Keys are made by us; one that isn't leads nowhere."""
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not a key.")
        return self._folder / key

    async def receive(self, key: str, parts: AsyncIterator[bytes], size: int) -> bool:
        """Write what comes, as it comes; false, and nothing is kept, if it isn't so many bytes."""
        path, come = self.path(key), 0
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}-{new_id()}")
        try:
            async with await anyio.open_file(part, "xb") as file:
                async for chunk in parts:
                    come += len(chunk)
                    if come > size:
                        return False
                    await file.write(chunk)
            return come == size and _appear(part, path)
        finally:
            part.unlink(missing_ok=True)

    async def read(self, key: str, most: int) -> bytes | None:
        try:
            async with await anyio.open_file(self.path(key), "rb") as file:
                return await file.read(most)
        except FileNotFoundError:
            return None

    async def write(self, key: str, content: bytes, content_type: str) -> None:
        async def whole() -> AsyncIterator[bytes]:
            yield content

        await self.receive(key, whole(), len(content))

    async def remove(self, prefix: str, keep: str | None = None) -> None:
        await asyncio.to_thread(self._remove, prefix, keep)

    def _remove(self, prefix: str, keep: str | None) -> None:
        kept = self.path(keep) if keep else None
        folder, _, beginning = prefix.partition("/")
        for path in (self._folder / folder).glob(f"{beginning}*"):
            if path != kept:
                path.unlink(missing_ok=True)


def _appear(part: Path, path: Path) -> bool:
    """False if it was removed meanwhile, because its time was over."""
    try:
        part.replace(path)
    except FileNotFoundError:
        return False
    return True

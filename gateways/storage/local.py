"""Object storage in a folder. Links carry a signed token that `web/files/objects.py` verifies."""

import asyncio
import errno
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio

from core.ids import new_id
from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from core.sizes import MEGABYTE
from gateways.storage.base import (
    LINK_SECONDS,
    DownloadOptions,
    StorageMisconfigured,
    StorageOutOfSpace,
    StorageUnreachable,
    UploadLink,
)

PATH = "/objects"
CHUNK_BYTES = MEGABYTE
KEY = re.compile(r"[a-z]+/[0-9a-z-]+")
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CANNOT_ALLOCATE = {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}  # by file system


class InvalidLink(Exception):
    """The link is not signed by our keys, is for another method, or expired."""


class LocalStorage:
    """A folder that all servers and workers share. Files appear atomically."""

    def __init__(
        self, folder: Path, address: str, keys: SigningKeys, min_free_bytes: int = 0
    ) -> None:
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._address = address
        self._keys = keys

    async def start(self) -> None:
        """Do nothing: no connection is needed."""

    async def stop(self) -> None:
        """Do nothing: no connection is open."""

    async def ensure_usable(self) -> None:
        try:
            await self.write("probe/probe", b"", "text/plain")
            await self.remove("probe/")
        except StorageOutOfSpace:
            return  # downloads work, and uploads are refused until there is space
        except StorageUnreachable as error:
            raise StorageMisconfigured(f"OBJECTS_FOLDER: {error.__cause__}") from error

    async def ensure_space(self, size: int) -> None:
        with _unreachable_on_error():
            self._folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free - size < self._min_free_bytes:
                raise StorageOutOfSpace

    async def create_upload_link(self, key: str, content_type: str, size: int) -> UploadLink:
        expires = int(time.time()) + LINK_SECONDS
        url = self._link(expires, method="PUT", key=key, type=content_type, size=size)
        headers = {"Content-Type": content_type}
        return UploadLink(url, "PUT", headers, datetime.fromtimestamp(expires, UTC))

    async def create_download_link(
        self, key: str, options: DownloadOptions, seconds: int = LINK_SECONDS
    ) -> str:
        expires = int(time.time()) + seconds
        type, disposition = options.content_type, options.disposition
        return self._link(expires, method="GET", key=key, type=type, disposition=disposition)

    def _link(self, expires: int, **claims: object) -> str:
        return f"{self._address}{PATH}?link={self._keys.sign_link(claims, expires)}"

    def verify_link(self, link: str, method: str) -> dict[str, Any]:
        """Return the claims of a link. Raises `InvalidLink`."""
        try:
            claims = self._keys.read_link(link)
        except (BadSignature, WrongType, TokenExpired) as error:
            raise InvalidLink from error
        if claims["method"] != method:
            raise InvalidLink
        return claims

    def path(self, key: str) -> Path:
        """Return an object's path. Raises `ValueError` for a malformed key."""
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not an object key.")
        return self._folder / key

    async def receive(self, key: str, parts: AsyncIterator[bytes], size: int) -> bool:
        """Stream an upload to disk. Returns False, storing nothing, unless it has `size` bytes.

        The space is allocated first, so that concurrent uploads cannot fill the disk together.
        """
        with _unreachable_on_error():
            return await self._store(key, parts, size, self._min_free_bytes)

    async def read(self, key: str, limit: int) -> bytes | None:
        with _unreachable_on_error():
            try:
                async with await anyio.open_file(self.path(key), "rb") as file:
                    return await file.read(limit)
            except FileNotFoundError:
                return None

    async def write(self, key: str, content: bytes, content_type: str) -> None:
        """Store an object. May use the space that uploads must leave free."""

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        with _unreachable_on_error():
            await self._store(key, chunks(), len(content), 0)

    async def write_file(self, key: str, path: Path, content_type: str) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            async with await anyio.open_file(path, "rb") as file:
                while chunk := await file.read(CHUNK_BYTES):
                    yield chunk

        with _unreachable_on_error():
            size = (await anyio.Path(path).stat()).st_size
            if not await self._store(key, chunks(), size, self._min_free_bytes):
                raise StorageUnreachable

    async def list_keys(self, folder: str) -> Sequence[str]:
        with _unreachable_on_error():
            paths = await asyncio.to_thread(lambda: list((self._folder / folder).glob("*")))
        return [f"{folder}{path.name}" for path in paths if KEY.fullmatch(f"{folder}{path.name}")]

    async def remove(self, prefix: str, keep: str | None = None) -> None:
        with _unreachable_on_error():
            await asyncio.to_thread(self._remove, prefix, keep)

    async def _store(
        self, key: str, parts: AsyncIterator[bytes], size: int, min_free_bytes: int
    ) -> bool:
        path, received = self.path(key), 0
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}-{new_id()}")
        try:
            async with await anyio.open_file(part, "xb") as file:
                await asyncio.to_thread(_allocate, file.wrapped.fileno(), size, min_free_bytes)
                async for chunk in parts:
                    received += len(chunk)
                    if received > size:
                        return False
                    await file.write(chunk)
            return received == size and _publish(part, path)
        finally:
            part.unlink(missing_ok=True)

    def _remove(self, prefix: str, keep: str | None) -> None:
        kept = self.path(keep) if keep else None
        folder, _, beginning = prefix.partition("/")
        for path in (self._folder / folder).glob(f"{beginning}*"):
            if path != kept:
                path.unlink(missing_ok=True)


def _allocate(file: int, size: int, min_free_bytes: int) -> None:
    """Take the space of a file, and raise `StorageOutOfSpace` if too little is left."""
    try:
        if size and hasattr(os, "posix_fallocate"):  # macOS has none
            os.posix_fallocate(file, 0, size)
    except OSError as error:
        if error.errno not in CANNOT_ALLOCATE:
            raise
    disk = os.fstatvfs(file)
    if disk.f_bavail * disk.f_frsize < min_free_bytes:
        raise StorageOutOfSpace


def _publish(part: Path, path: Path) -> bool:
    """Rename a complete file into place. Returns False if the clean-up removed it."""
    try:
        part.replace(path)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _unreachable_on_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in FULL
        raise (StorageOutOfSpace if full else StorageUnreachable) from error

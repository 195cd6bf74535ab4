"""Inspects uploaded files, and copies them to where they are served."""

import asyncio
import hashlib
from dataclasses import dataclass, field

from core.media.file_types import FileInfo, UnacceptableFile, UploadRejectionReason
from core.media.sandbox import clean_file_in_sandbox
from core.runtime.sandbox import SandboxUnavailable
from gateways.storage.base import ObjectStorage, StorageOutOfSpace, StorageUnreachable
from models.uploads import (
    StorageFull,
    StorageUnavailable,
    StoredFile,
    Upload,
    incoming_key,
    max_bytes,
    stored_key,
)

# Each takes up to 50 MB in this process, and up to 640 MB and one core in the sandbox. With two,
# a small file does not wait for a large one.
MAX_CONCURRENT = 2


@dataclass(frozen=True)
class UploadIngest:
    """The storage, and the slots for files inspected at a time."""

    storage: ObjectStorage
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT))


async def ensure_space(uploads: UploadIngest, size: int) -> None:
    """Raise `StorageFull` unless the storage has space for a file of `size` bytes."""
    try:
        await uploads.storage.ensure_space(size)
    except StorageOutOfSpace as error:
        raise StorageFull from error
    except StorageUnreachable as error:
        raise StorageUnavailable from error


async def take_in(
    uploads: UploadIngest, upload: Upload
) -> StoredFile | UploadRejectionReason | None:
    """Return where the file was stored, or why it was rejected; None if missing.

    Writes exactly the inspected bytes (an image without its metadata) to a new key with their
    hash, so a file uploaded during the inspection changes nothing. Raises `StorageUnavailable` and
    `StorageFull`.
    """
    async with uploads.slots:
        try:
            file = await uploads.storage.read(incoming_key(upload.id), limit=upload.size + 1)
            if file is None:
                return None
            info, content = await _inspect(file, upload.size)
            if not upload.accepts(info):
                raise UnacceptableFile(UploadRejectionReason.TYPE)
            digest = hashlib.sha256(content).hexdigest()
            key = stored_key(upload.id, digest, public=upload.is_public)
            await uploads.storage.write(key, content, info.type)
        except UnacceptableFile as error:
            return error.rejection_reason
        except StorageOutOfSpace as error:
            raise StorageFull from error
        except (StorageUnreachable, SandboxUnavailable) as error:
            raise StorageUnavailable from error
        return StoredFile(key, info, len(content))


async def _inspect(file: bytes, declared_size: int) -> tuple[FileInfo, bytes]:
    if len(file) != declared_size:
        raise UnacceptableFile(UploadRejectionReason.SIZE)
    info, content = await clean_file_in_sandbox(file)
    if len(file) > max_bytes(info.type):
        raise UnacceptableFile(UploadRejectionReason.TOO_LARGE)
    return info, content

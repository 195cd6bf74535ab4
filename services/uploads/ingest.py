"""Inspects uploaded files, and copies them to where they are served."""

import asyncio
import hashlib
from dataclasses import dataclass, field

from core.media.file_types import (
    JPEG,
    FileInfo,
    UnacceptableFile,
    UploadRejectionReason,
    inspect_file,
)
from core.media.image_metadata import strip_metadata
from gateways.storage.base import ObjectStorage, StorageUnreachable
from models.uploads import (
    StorageUnavailable,
    StoredFile,
    Upload,
    incoming_key,
    max_bytes,
    stored_key,
)

MAX_CONCURRENT = 2  # each takes up to 25 MB for the file, and 256 MB for an image in it


@dataclass(frozen=True)
class UploadIngest:
    """The storage, and the slots for files inspected at a time."""

    storage: ObjectStorage
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT))


async def take_in(
    uploads: UploadIngest, upload: Upload
) -> StoredFile | UploadRejectionReason | None:
    """Return where the file was stored, or why it was rejected; None if missing.

    Writes exactly the inspected bytes (a photograph without its metadata) to a new key with their
    hash, so a file uploaded during the inspection changes nothing. Raises `StorageUnavailable`.
    """
    async with uploads.slots:
        try:
            file = await uploads.storage.read(incoming_key(upload.id), limit=upload.size + 1)
            if file is None:
                return None
            info = await asyncio.to_thread(_inspect, file, upload.size)
            if info.type == JPEG:
                file = await asyncio.to_thread(strip_metadata, file)
            key = stored_key(upload.id, hashlib.sha256(file).hexdigest())
            await uploads.storage.write(key, file, info.type)
        except UnacceptableFile as error:
            return error.rejection_reason
        except StorageUnreachable as error:
            raise StorageUnavailable from error
        return StoredFile(key, info, len(file))


def _inspect(file: bytes, declared_size: int) -> FileInfo:
    if len(file) != declared_size:
        raise UnacceptableFile(UploadRejectionReason.SIZE)
    info = inspect_file(file)
    if len(file) > max_bytes(info.type):
        raise UnacceptableFile(UploadRejectionReason.TOO_LARGE)
    return info

"""What has arrived is read, judged, and put where it is served from."""

import asyncio
import hashlib

from core.file_types import JPEG, FileInfo, UnacceptableFile, UploadRejectionReason, inspect_file
from core.image_metadata import strip_metadata
from gateways.storage.base import ObjectStorage, StorageUnreachable
from models.uploads import (
    StorageUnavailable,
    StoredFile,
    Upload,
    incoming_key,
    max_bytes,
    stored_key,
)

# Few at a time: each takes up to 25 MB for the file, and 256 MB for a picture in it.
PLACES = asyncio.Semaphore(2)


async def take_in(
    objects: ObjectStorage, upload: Upload
) -> StoredFile | UploadRejectionReason | None:
    """Where the file was put, or why it is not taken; None if nothing has arrived.

    The very bytes that were judged, of a photograph without its particulars, are written
    to a place of their own, named by their hash, so a file that is sent while another is
    judged changes nothing. Raises `StorageUnavailable`.
    """
    async with PLACES:
        try:
            file = await objects.read(incoming_key(upload.id), limit=upload.size + 1)
            if file is None:
                return None
            content = await asyncio.to_thread(_judge, file, upload.size)
            if content.type == JPEG:
                file = await asyncio.to_thread(strip_metadata, file)
            key = stored_key(upload.id, hashlib.sha256(file).hexdigest())
            await objects.write(key, file, content.type)
        except UnacceptableFile as unfit:
            return unfit.rejection_reason
        except StorageUnreachable as error:
            raise StorageUnavailable from error
        return StoredFile(key, content, len(file))


def _judge(file: bytes, announced: int) -> FileInfo:
    if len(file) != announced:
        raise UnacceptableFile(UploadRejectionReason.SIZE)
    content = inspect_file(file)
    if len(file) > max_bytes(content.type):
        raise UnacceptableFile(UploadRejectionReason.TOO_LARGE)
    return content

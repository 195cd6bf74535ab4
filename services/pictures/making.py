"""Makes the sizes of a picture from its original, and writes them to the storage."""

import hashlib

import structlog

from core.media.file_types import UnacceptableFile
from core.media.sandbox import make_sizes_in_sandbox
from gateways.storage.base import ObjectStorage
from models.pictures import CONTENT_TYPES, MadeSizes, PictureSize, size_key
from models.uploads import Upload, max_bytes

FORMATS = {type: format for format, type in CONTENT_TYPES.items()}

log = structlog.get_logger(__name__)


async def make_sizes(objects: ObjectStorage, upload: Upload) -> MadeSizes | None:
    """Write the sizes of a picture to keys with their hashes. Returns None if that is impossible.

    Raises `SandboxUnavailable` and `StorageUnreachable`; a retry writes the same keys.
    """
    limit = max_bytes(upload.content_type)
    file = await objects.read(upload.key or "", limit)
    try:
        if file is None:
            raise FileNotFoundError(upload.key)
        made = await make_sizes_in_sandbox(file)
    except (UnacceptableFile, FileNotFoundError) as error:
        log.warning("picture.failed", upload_id=str(upload.id), error=repr(error))
        return None
    sizes = []
    for copy in made.copies:
        size = PictureSize(
            upload.id,
            copy.width,
            copy.height,
            FORMATS[copy.type],
            len(copy.content),
            hashlib.sha256(copy.content).hexdigest(),
        )
        await objects.write(size_key(size.name), copy.content, copy.type)
        sizes.append(size)
    return MadeSizes(made.blurhash, sizes)

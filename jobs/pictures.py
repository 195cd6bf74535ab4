"""Jobs of pictures."""

import hashlib
from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from core.media.file_types import UnacceptableFile
from core.media.sandbox import make_sizes_in_sandbox
from gateways.storage.base import ObjectStorage
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from models.pictures import CONTENT_TYPES, MadeSizes, PictureSize, size_key, sizes_prefix
from models.uploads import Upload, max_bytes
from services.jobs import PICTURES
from services.pictures import sizes
from services.uploads.uploads import find_served_key

FORMATS = {type: format for format, type in CONTENT_TYPES.items()}

tasks = Blueprint()
log = structlog.get_logger(__name__)


@tasks.task(name="size_picture", retry=FOR_A_DAY, pass_context=True)
async def size_picture(context: JobContext, upload_id: str) -> None:
    """Make the sizes of a picture. A worker makes those of one picture at a time.

    If the picture is removed in the meantime, so are they.
    """
    worker, id = WorkerContext.of(context), UUID(upload_id)
    async with worker.transactions.begin() as session:
        upload = await sizes.find_unsized(session, id)
    if upload is not None:
        made = await make_sizes(worker.objects, upload)
        async with worker.transactions.begin() as session:
            await sizes.record_sizes(session, id, made)
    async with worker.transactions.begin() as session:
        served = await find_served_key(session, id)
    if served is None:
        await worker.objects.remove(sizes_prefix(id))


@tasks.periodic(cron="27 * * * *")
@tasks.task(
    name="size_missing_pictures",
    queue=PICTURES,
    priority=sizes.BACKFILL_PRIORITY,
    queueing_lock="size_missing_pictures",
    pass_context=True,
)
async def size_missing_pictures(context: JobContext, timestamp: int) -> None:
    """Have the sizes of older pictures made, in batches of 100."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await sizes.make_missing(session)


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

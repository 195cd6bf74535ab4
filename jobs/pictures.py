"""Jobs of pictures."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from models.pictures import sizes_prefix
from services.jobs import PICTURES
from services.pictures import sizes
from services.pictures.making import make_sizes
from services.uploads.uploads import find_served_key

tasks = Blueprint()


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


@tasks.periodic(cron="47 * * * *")
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

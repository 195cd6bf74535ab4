"""Jobs of uploads."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import HOURLY_FOR_TWO_WEEKS
from models.pictures import sizes_prefix
from models.uploads import incoming_key, stored_key
from services.uploads import uploads

tasks = Blueprint()


@tasks.task(name="tidy_upload", retry=HOURLY_FOR_TWO_WEEKS, pass_context=True)
async def tidy_upload(context: JobContext, upload_id: str) -> None:
    """Remove the objects of an upload that are not served, then free their space.

    The space counts as held until they are gone. An expired upload stays expired, so nothing
    refers to its objects in between.
    """
    worker, id = WorkerContext.of(context), UUID(upload_id)
    async with worker.transactions.begin() as session:
        served = await uploads.find_served_key(session, id)
    await worker.objects.remove(incoming_key(id))
    for public in (False, True):
        await worker.objects.remove(stored_key(id, public=public), keep=served)
    if served is None:
        await worker.objects.remove(sizes_prefix(id))
    async with worker.transactions.begin() as session:
        await uploads.free_upload(session, id)

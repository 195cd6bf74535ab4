"""Jobs of uploads."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import HOURLY_FOR_TWO_WEEKS
from models.uploads import incoming_key, stored_key
from services.uploads import uploads

tasks = Blueprint()


@tasks.task(name="tidy_upload", retry=HOURLY_FOR_TWO_WEEKS, pass_context=True)
async def tidy_upload(context: JobContext, upload_id: str) -> None:
    """Delete an expired upload and its unused stored objects."""
    worker, id = WorkerContext.of(context), UUID(upload_id)
    async with worker.transactions.begin() as session:
        key = await uploads.expire_upload(session, id)
    await worker.objects.remove(incoming_key(id))
    await worker.objects.remove(stored_key(id), keep=key)

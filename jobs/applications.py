"""Jobs of applications to become a vendor."""

from datetime import timedelta

from procrastinate import Blueprint, JobContext

from core.clock import now
from jobs.context import WorkerContext
from services.applications.retention import (
    close_returned_application,
    delete_rejected_documents,
)

tasks = Blueprint()


@tasks.periodic(cron="37 * * * *")
@tasks.task(
    name="delete_rejected_documents",
    queueing_lock="delete_rejected_documents",
    pass_context=True,
)
async def delete_documents(context: JobContext, timestamp: int) -> None:
    """Delete the documents of applications that were rejected long ago, 20 applications at once."""
    worker = WorkerContext.of(context)
    before = now() - timedelta(days=worker.settings.rejected_document_days)
    more = True
    while more:
        async with worker.transactions.begin() as session:
            more = await delete_rejected_documents(session, before)


@tasks.periodic(cron="7 * * * *")
@tasks.task(
    name="close_returned_applications",
    queueing_lock="close_returned_applications",
    pass_context=True,
)
async def close_applications(context: JobContext, timestamp: int) -> None:
    """Withdraw applications that were returned long ago, and not submitted again."""
    worker = WorkerContext.of(context)
    before = now() - timedelta(days=worker.settings.returned_application_days)
    more = True
    while more:
        async with worker.transactions.begin() as session:
            more = await close_returned_application(session, before)

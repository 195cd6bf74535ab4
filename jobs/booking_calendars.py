"""Jobs of calendars elsewhere, whose busy times block resources."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.bookings.busy_feeds import reading

tasks = Blueprint()


@tasks.task(name="read_busy_feed", retry=FOR_A_DAY, pass_context=True)
async def read_busy_feed(context: JobContext, feed_id: str) -> None:
    """Read a busy feed that is due, and block its times."""
    worker = WorkerContext.of(context)
    await reading.read_busy_feed(
        worker.transactions.begin, worker.sealer, worker.calendars, UUID(feed_id)
    )


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="read_due_busy_feeds", queueing_lock="read_due_busy_feeds", pass_context=True)
async def read_due_busy_feeds(context: JobContext, timestamp: int) -> None:
    """Defer the reading of busy feeds that are due, up to 1,000 in each run."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await reading.defer_due(session)

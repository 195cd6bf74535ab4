"""Jobs of refunds."""

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from services.refunds import polling

tasks = Blueprint()


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="poll_refunds", queueing_lock="poll_refunds", pass_context=True)
async def poll_refunds(context: JobContext, timestamp: int) -> None:
    """Ask the providers for refunds whose outcome did not come, in batches of 100."""
    worker = WorkerContext.of(context)
    while await polling.poll_refunds(worker.transactions.begin, worker.payments):
        pass


@tasks.periodic(cron="24 * * * *")
@tasks.task(name="find_stuck_refunds", queueing_lock="find_stuck_refunds", pass_context=True)
async def find_stuck_refunds(context: JobContext, timestamp: int) -> None:
    """Mark refunds as stuck that have been on their way for too long."""
    while await polling.find_stuck(WorkerContext.of(context).transactions.begin):
        pass

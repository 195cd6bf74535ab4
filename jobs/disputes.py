"""Jobs of disputes."""

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from services.disputes import deadlines, polling

tasks = Blueprint()


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="follow_disputes", queueing_lock="follow_disputes", pass_context=True)
async def follow_disputes(context: JobContext, timestamp: int) -> None:
    """Ask the providers for open disputes, then remind, escalate and answer what is due."""
    worker = WorkerContext.of(context)
    while await polling.poll_disputes(worker.transactions.begin, worker.payments):
        pass
    while await deadlines.follow_deadlines(worker.transactions.begin):
        pass

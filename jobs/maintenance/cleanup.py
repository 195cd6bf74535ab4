"""Hourly clean-up."""

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from services import cleanup
from services.cleanup_tasks import CleanupTask
from services.transaction import in_batches

tasks = Blueprint()


@tasks.periodic(cron="17 * * * *")
@tasks.task(name="clean_up", queueing_lock="clean_up", pass_context=True)
async def clean_up(context: JobContext, timestamp: int) -> None:
    """Run every clean-up task, even if others fail."""
    failed: list[Exception] = []
    for task in cleanup.find_tasks():
        try:
            await _run(task, WorkerContext.of(context))
        except Exception as error:  # noqa: BLE001 - every failure is raised at the end
            failed.append(error)
    if failed:
        raise ExceptionGroup("Some clean-up tasks failed.", failed)


async def _run(task: CleanupTask, worker: WorkerContext) -> None:
    days = worker.settings.journal_days
    await in_batches(worker.transactions.begin, lambda session: task(session, days))

"""Recovers jobs of workers that died."""

from procrastinate import Blueprint, JobContext
from procrastinate.jobs import Status

STALLED_SECONDS = 30  # three missed heartbeats of a worker, which sends one every 10 seconds
MAX_ATTEMPTS = 5  # a job that kills its worker must not do so forever

tasks = Blueprint()


@tasks.periodic(cron="* * * * *")
@tasks.task(name="sweep_stalled", queueing_lock="sweep_stalled", pass_context=True)
async def sweep_stalled(context: JobContext, timestamp: int) -> None:
    """Requeue the jobs of dead workers; fail those attempted five times."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        if job.id is not None and job.attempts >= MAX_ATTEMPTS:
            await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
        else:
            await manager.retry_job(job)

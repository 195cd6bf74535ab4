"""Durable jobs, deferred in the transaction that needs them."""

import json
from datetime import datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.cleanup_tasks import delete_old_rows
from services.journal import append as journal

NAMESPACE = "haat"
TOPIC = "jobs"
FAILED_JOB_DAYS = 90

DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW('default', :task, 0, NULL, NULL, CAST(:args AS jsonb), CAST(:at AS timestamptz))
            ::procrastinate_job_to_defer_v1
    ])
    """
)


def task_name(task: str) -> str:
    """Return the name under which the worker registered a task."""
    return f"{NAMESPACE}:{task}"


async def defer(
    session: AsyncSession, task: str, *, at: datetime | None = None, **args: object
) -> None:
    """Defer a task until after the commit, or a time. A rollback removes it."""
    given = {"task": task_name(task), "args": json.dumps(args, default=str), "at": at}
    await session.execute(DEFER, given)
    if at is None:
        journal.signal_after_commit(session, TOPIC)


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM procrastinate_jobs WHERE id IN (
            SELECT id FROM procrastinate_jobs AS job WHERE status = 'failed' AND :before > (
                SELECT max(at) FROM procrastinate_events WHERE job_id = job.id AND type = 'failed'
            ) ORDER BY id LIMIT :batch
        ) RETURNING id
        """,
        FAILED_JOB_DAYS,
    )
]

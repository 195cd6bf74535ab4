"""Durable jobs, deferred inside the transaction that wants them."""

import json
from datetime import datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.journal import append as journal

NAMESPACE = "haat"
TOPIC = "jobs"

DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW('default', :task, 0, NULL, NULL, CAST(:args AS jsonb), CAST(:at AS timestamptz))
            ::procrastinate_job_to_defer_v1
    ])
    """
)


def task_name(task: str) -> str:
    """The name that the worker knows a task by."""
    return f"{NAMESPACE}:{task}"


async def defer(
    session: AsyncSession, task: str, *, at: datetime | None = None, **args: object
) -> None:
    """Have a worker run `task` after the commit, or at a time; never if this rolls back."""
    given = {"task": task_name(task), "args": json.dumps(args, default=str), "at": at}
    await session.execute(DEFER, given)
    if at is None:
        journal.signal_after_commit(session, TOPIC)

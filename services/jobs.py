"""Durable jobs, deferred in the transaction that needs them."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, DateTime, Integer, String, bindparam, text

from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from services.cleanup_tasks import delete_old_rows
from services.journal import append as journal

NAMESPACE = "haat"
TOPIC = "jobs"
DEFAULT, PICTURES = "default", "pictures"  # queues
FAILED_JOB_DAYS = 90

DEFER = Statement(
    text(
        """
        SELECT procrastinate_defer_jobs_v1(ARRAY[
            ROW(
                :queue, :task, :priority, NULL, NULL,
                CAST(:args AS jsonb), CAST(:at AS timestamptz)
            )::procrastinate_job_to_defer_v1
        ])
        """
    ).bindparams(
        bindparam("queue", type_=String),
        bindparam("task", type_=String),
        bindparam("priority", type_=Integer),
        bindparam("args", type_=String),
        bindparam("at", type_=DateTime(timezone=True)),
    )
)

DEFER_EACH = Statement(
    text(
        """
        SELECT procrastinate_defer_jobs_v1(array_agg(
            ROW(:queue, :task, 0, NULL, NULL, CAST(args AS jsonb), at)
                ::procrastinate_job_to_defer_v1
        ))
        FROM unnest(CAST(:args AS text[]), CAST(:at AS timestamptz[])) AS given (args, at)
        """
    ).bindparams(
        bindparam("queue", type_=String),
        bindparam("task", type_=String),
        bindparam("args", type_=ARRAY(String)),
        bindparam("at", type_=ARRAY(DateTime(timezone=True))),
    )
)


def task_name(task: str) -> str:
    """Return the name under which the worker registered a task."""
    return f"{NAMESPACE}:{task}"


async def defer(
    session: UnitOfWork,
    task: str,
    *,
    at: datetime | None = None,
    queue: str = DEFAULT,
    priority: int = 0,
    **args: object,
) -> None:
    """Defer a task until after the commit, or a time. A rollback removes it."""
    given = json.dumps(args, default=str)
    connection = await connection_of(session)
    name = task_name(task)
    await DEFER.fetch(connection, queue=queue, task=name, priority=priority, args=given, at=at)
    if at is None:
        journal.signal_after_commit(session, TOPIC)


async def defer_each(
    session: UnitOfWork,
    task: str,
    *,
    at: datetime | Sequence[datetime] | None = None,
    **args: Sequence[object],
) -> None:
    """Defer a task once for each value of its argument, in one statement.

    `at` is one time for all, or one for each.
    """
    ((name, values),) = args.items()
    if not values:
        return
    await DEFER_EACH.fetch(
        await connection_of(session),
        queue=DEFAULT,
        task=task_name(task),
        args=[json.dumps({name: value}, default=str) for value in values],
        at=at if isinstance(at, Sequence) else [at] * len(values),
    )
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

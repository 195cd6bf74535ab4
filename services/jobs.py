"""Durable jobs, deferred in the transaction that needs them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import DateTime, Integer, String, bindparam, text

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
    await _defer(session, task, [args], at, queue, priority)


async def defer_each(
    session: UnitOfWork,
    task: str,
    *,
    at: datetime | None = None,
    queue: str = DEFAULT,
    priority: int = 0,
    **args: Sequence[object],
) -> None:
    """Defer a task once for each value of an argument, in one round trip."""
    ((name, values),) = args.items()
    await _defer(session, task, [{name: value} for value in values], at, queue, priority)


async def _defer(
    session: UnitOfWork,
    task: str,
    each: Sequence[Mapping[str, object]],
    at: datetime | None,
    queue: str,
    priority: int,
) -> None:
    common = {"queue": queue, "task": task_name(task), "priority": priority, "at": at}
    given = [common | {"args": json.dumps(args, default=str)} for args in each]
    await DEFER.execute_many(await connection_of(session), given)
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

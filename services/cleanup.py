"""What is done each hour, a batch a transaction: above all, forgetting what is past its time."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from services.jobs import task_name

BATCH = 1000
KEY_DAYS = 7
NOTIFICATION_DAYS = 90
JOB_DAYS = 90
DEVICE_DAYS = 60  # Firebase counts a token as stale after one or two months of silence

Chore = Callable[[AsyncSession, int], Awaitable[bool]]


def _deletes(statement: str, days: int | None = None) -> Chore:
    """A chore that deletes a batch of rows older than `days`, or than the journal is kept."""

    async def chore(session: AsyncSession, journal_days: int) -> bool:
        before = now() - timedelta(days=days or journal_days)
        deleted = await session.execute(text(statement), {"before": before, "batch": BATCH})
        return len(deleted.all()) == BATCH

    return chore


# The inboxes are locked first, as by whoever marks something read. What servers of the
# release before have made was not counted.
OLD_NOTIFICATIONS = """
    WITH old AS MATERIALIZED (
        SELECT id, user_id FROM notification WHERE created_at < :before
        ORDER BY created_at LIMIT :batch
    ), locked AS MATERIALIZED (
        SELECT user_id FROM notification_inbox WHERE user_id IN (SELECT user_id FROM old)
        ORDER BY user_id FOR NO KEY UPDATE
    ), forgotten AS (
        DELETE FROM delivery WHERE notification_id IN (SELECT id FROM old)
    ), deleted AS (
        DELETE FROM notification WHERE id IN (SELECT id FROM old)
            AND (SELECT count(*) FROM locked) >= 0
        RETURNING user_id, read_at
    ), counted AS (
        UPDATE notification_inbox SET unread = greatest(0, unread - left_unread) FROM (
            SELECT user_id, count(*) AS left_unread FROM deleted
            WHERE read_at IS NULL GROUP BY user_id
        ) AS lost WHERE lost.user_id = notification_inbox.user_id
    )
    SELECT user_id FROM deleted
"""

# One that waits has a job to come, unless that was given up.
ABANDONED = text(
    """
    UPDATE delivery SET state = 'FAILED', completed_at = now(), error = coalesce(error, :error)
    WHERE id IN (
        SELECT delivery.id FROM delivery JOIN procrastinate_jobs AS job
            ON delivery.id = CAST(job.args->>'delivery_id' AS uuid)
        WHERE delivery.state = 'WAITING' AND job.task_name = :task AND job.status = 'failed'
            AND NOT EXISTS (
                SELECT FROM procrastinate_jobs AS other WHERE other.args = job.args
                    AND other.task_name = :task AND other.status IN ('todo', 'doing')
            )
        ORDER BY delivery.id LIMIT :batch FOR NO KEY UPDATE OF delivery
    ) RETURNING id
    """
)


async def give_up_abandoned(session: AsyncSession, journal_days: int) -> bool:
    """A delivery whose job was given up is a dead letter: nobody would try it again."""
    error = "Its job was given up. The worker's log has what went wrong."
    given = {"task": task_name("deliver"), "error": error, "batch": BATCH}
    given_up = await session.execute(ABANDONED, given)
    return len(given_up.all()) == BATCH


CHORES: Sequence[Chore] = [
    _deletes(
        """
        DELETE FROM journal_entry WHERE (topic, seq) IN (
            SELECT topic, seq FROM journal_entry WHERE created_at < :before
            ORDER BY created_at LIMIT :batch
        ) RETURNING seq
        """
    ),
    _deletes(
        """
        DELETE FROM idempotency_key WHERE (user_id, operation, key) IN (
            SELECT user_id, operation, key FROM idempotency_key WHERE created_at < :before
            ORDER BY created_at LIMIT :batch
        ) RETURNING key
        """,
        KEY_DAYS,
    ),
    _deletes(
        """
        DELETE FROM refresh_token WHERE id IN (
            SELECT id FROM refresh_token WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        KEY_DAYS,
    ),
    _deletes(OLD_NOTIFICATIONS, NOTIFICATION_DAYS),
    _deletes(
        """
        DELETE FROM device WHERE id IN (
            SELECT id FROM device WHERE seen_at < :before LIMIT :batch
        ) RETURNING id
        """,
        DEVICE_DAYS,
    ),
    _deletes(
        """
        DELETE FROM api_token WHERE id IN (
            SELECT id FROM api_token WHERE least(expires_at, revoked_at) < :before LIMIT :batch
        ) RETURNING id
        """,
        KEY_DAYS,
    ),
    give_up_abandoned,
    _deletes(
        """
        DELETE FROM procrastinate_jobs WHERE id IN (
            SELECT id FROM procrastinate_jobs AS job WHERE status = 'failed' AND :before > (
                SELECT max(at) FROM procrastinate_events WHERE job_id = job.id AND type = 'failed'
            ) ORDER BY id LIMIT :batch
        ) RETURNING id
        """,
        JOB_DAYS,
    ),
]

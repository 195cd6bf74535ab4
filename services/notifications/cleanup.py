"""Clean-up of notifications, lost devices, and deliveries without a job."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.cleanup_tasks import BATCH_SIZE, delete_old_rows
from services.jobs import task_name

NOTIFICATION_DAYS = 90
DEVICE_DAYS = 60  # Firebase counts a token as stale after one or two months of silence

# The inboxes are locked first, in the order of users, as by every change of unread notifications.
# The comparison with `locked` makes the deletion wait for those locks.
OLD_NOTIFICATIONS = """
    WITH old AS MATERIALIZED (
        SELECT id, user_id FROM notification WHERE created_at < :before
        ORDER BY created_at LIMIT :batch
    ), locked AS MATERIALIZED (
        SELECT user_id FROM notification_inbox WHERE user_id IN (SELECT user_id FROM old)
        ORDER BY user_id FOR NO KEY UPDATE
    ), deleted_deliveries AS (
        DELETE FROM delivery WHERE notification_id IN (SELECT id FROM old)
    ), deleted AS (
        DELETE FROM notification WHERE id IN (SELECT id FROM old)
            AND (SELECT count(*) FROM locked) >= 0
        RETURNING user_id, read_at
    ), counted AS (
        UPDATE notification_inbox SET unread = greatest(0, unread - deleted_unread) FROM (
            SELECT user_id, count(*) AS deleted_unread FROM deleted
            WHERE read_at IS NULL GROUP BY user_id
        ) AS per_user WHERE per_user.user_id = notification_inbox.user_id
    )
    SELECT user_id FROM deleted
"""

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


async def fail_abandoned_deliveries(session: AsyncSession, journal_days: int) -> bool:
    """Mark deliveries as failed if their job has failed for good and no other is queued.

    Otherwise they would wait forever, unseen as dead letters.
    """
    error = "Its job was given up. The worker's log has what went wrong."
    given = {"task": task_name("deliver"), "error": error, "batch": BATCH_SIZE}
    failed = await session.execute(ABANDONED, given)
    return len(failed.all()) == BATCH_SIZE


CLEANUP = [
    delete_old_rows(OLD_NOTIFICATIONS, NOTIFICATION_DAYS),
    delete_old_rows(
        """
        DELETE FROM device WHERE id IN (
            SELECT id FROM device WHERE seen_at < :before LIMIT :batch
        ) RETURNING id
        """,
        DEVICE_DAYS,
    ),
    fail_abandoned_deliveries,
]

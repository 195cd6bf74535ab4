"""Clean-up of carts that are not used any more, and of those that were merged."""

from models.carts import ANONYMOUS_CART_DAYS, CART_DAYS
from services.cleanup_tasks import CleanupTask, delete_old_rows


def _delete_carts(condition: str, days: int) -> CleanupTask:
    """Return a task that deletes carts with their lines. One that is in use now is skipped."""
    return delete_old_rows(
        f"""
        WITH old AS (
            SELECT id FROM cart WHERE state <> 'ORDERED' AND updated_at < :before AND {condition}
            ORDER BY updated_at LIMIT :batch FOR UPDATE SKIP LOCKED
        ), emptied AS (DELETE FROM cart_line WHERE cart_id IN (SELECT id FROM old))
        DELETE FROM cart WHERE id IN (SELECT id FROM old) RETURNING id
        """,  # noqa: S608 - of constants
        days,
    )


CLEANUP = [
    _delete_carts("user_id IS NOT NULL", CART_DAYS),
    _delete_carts("user_id IS NULL", ANONYMOUS_CART_DAYS),
]

"""Clean-up of offers that matched saved searches long ago.

An offer is compared with saved searches for 30 days only, so that none matches again.
"""

from services.cleanup_tasks import delete_old_rows

HIT_DAYS = 90

CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM saved_search_hit WHERE id IN (
            SELECT id FROM saved_search_hit WHERE created_at < :before
            ORDER BY created_at LIMIT :batch
        ) RETURNING id
        """,
        HIT_DAYS,
    )
]

"""Attempts of downloads are deleted after 180 days."""

from models.downloads.grants import ATTEMPT_DAYS
from services.cleanup_tasks import delete_old_rows

CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM download WHERE id IN (
            SELECT id FROM download WHERE created_at < :before ORDER BY created_at LIMIT :batch
        ) RETURNING id
        """,
        ATTEMPT_DAYS,
    )
]

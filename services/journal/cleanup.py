"""Clean-up of journal entries older than a subscription can be resumed."""

from services.cleanup_tasks import delete_old_rows

CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM journal_entry WHERE (topic, seq) IN (
            SELECT topic, seq FROM journal_entry WHERE created_at < :before
            ORDER BY created_at LIMIT :batch
        ) RETURNING seq
        """
    )
]

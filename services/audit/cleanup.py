"""Clean-up of audit entries after two years."""

from services.cleanup_tasks import delete_old_rows

# The trigger of the table allows the deletion of entries that are at least this old.
AUDIT_DAYS = 730

CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM audit_entry WHERE id IN (
            SELECT id FROM audit_entry WHERE created_at < :before LIMIT :batch
        ) RETURNING id
        """,
        AUDIT_DAYS,
    )
]

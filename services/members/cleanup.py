"""Clean-up of invitations."""

from services.cleanup_tasks import delete_old_rows

CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM member_invitation WHERE id IN (
            SELECT id FROM member_invitation WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        0,  # it holds the address of a person who may have no account
    )
]

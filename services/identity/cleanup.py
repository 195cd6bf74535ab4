"""Clean-up of refresh and API tokens that ended a week ago."""

from services.cleanup_tasks import delete_old_rows

TOKEN_DAYS = 7

CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM refresh_token WHERE id IN (
            SELECT id FROM refresh_token WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        TOKEN_DAYS,
    ),
    delete_old_rows(
        """
        DELETE FROM api_token WHERE id IN (
            SELECT id FROM api_token WHERE least(expires_at, revoked_at) < :before LIMIT :batch
        ) RETURNING id
        """,
        TOKEN_DAYS,
    ),
]

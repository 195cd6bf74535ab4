"""Clean-up of tokens, sessions, revocations, registrations and invitations that ended."""

from models.identity.api_tokens import UNUSED_TOKEN_DAYS
from services.cleanup_tasks import delete_old_rows

TOKEN_DAYS = 7
SESSION_DAYS = 90

# A session's last refresh token may expire later than the session was ended.
OLD_SESSIONS = """
    WITH old AS MATERIALIZED (
        SELECT id FROM user_session WHERE least(ended_at, idle_until, ends_at) < :before
        LIMIT :batch
    ), deleted_tokens AS (
        DELETE FROM refresh_token WHERE session_id IN (SELECT id FROM old)
    ), deleted_devices AS (
        DELETE FROM device WHERE session_id IN (SELECT id FROM old)
    )
    DELETE FROM user_session WHERE id IN (SELECT id FROM old) RETURNING id
"""

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
        f"""
        DELETE FROM api_token WHERE id IN (
            SELECT id FROM api_token WHERE :before > least(
                expires_at, revoked_at,
                coalesce(last_used_at, created_at) + interval '{UNUSED_TOKEN_DAYS} days'
            ) LIMIT :batch
        ) RETURNING id
        """,  # noqa: S608 - the number is ours
        TOKEN_DAYS,
    ),
    delete_old_rows(OLD_SESSIONS, SESSION_DAYS),
    delete_old_rows(
        """
        DELETE FROM revocation WHERE id IN (
            SELECT id FROM revocation WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        0,
    ),
    delete_old_rows(
        """
        DELETE FROM registration WHERE id IN (
            SELECT id FROM registration WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        0,  # it holds the name and the address of a person without an account
    ),
    delete_old_rows(
        """
        DELETE FROM password_reset WHERE id IN (
            SELECT id FROM password_reset WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        0,
    ),
    delete_old_rows(
        """
        DELETE FROM phone_challenge WHERE id IN (
            SELECT id FROM phone_challenge WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        0,
    ),
    delete_old_rows(
        """
        DELETE FROM email_change WHERE id IN (
            SELECT id FROM email_change WHERE expires_at < :before
                AND (undo_until IS NULL OR undo_until < :before) LIMIT :batch
        ) RETURNING id
        """,
        0,
    ),
    delete_old_rows(
        """
        DELETE FROM admin_invitation WHERE id IN (
            SELECT id FROM admin_invitation WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        0,
    ),
]

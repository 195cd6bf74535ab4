"""Forgetting what is past its time, a batch a transaction."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now

BATCH = 1000
KEY_DAYS = 7

Chore = Callable[[AsyncSession, int], Awaitable[bool]]


def _deletes(statement: str, days: int | None = None) -> Chore:
    """A chore that deletes a batch of rows older than `days`, or than the journal is kept."""

    async def chore(session: AsyncSession, journal_days: int) -> bool:
        before = now() - timedelta(days=days or journal_days)
        deleted = await session.execute(text(statement), {"before": before, "batch": BATCH})
        return len(deleted.all()) == BATCH

    return chore


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
]

"""Building blocks of clean-up tasks, which domains export as `CLEANUP`."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now

BATCH_SIZE = 1000

# Takes the days that the journal is kept, and returns true if there may be more to clean up.
CleanupTask = Callable[[AsyncSession, int], Awaitable[bool]]


def delete_old_rows(statement: str, days: int | None = None) -> CleanupTask:
    """Return a task that deletes rows older than `days`, or than the journal's retention.

    The statement gets `:before` and `:batch`, and returns a row per deletion. A batch is one
    transaction, so no lock is held for long.
    """

    async def delete_batch(session: AsyncSession, journal_days: int) -> bool:
        before = now() - timedelta(days=journal_days if days is None else days)
        deleted = await session.execute(text(statement), {"before": before, "batch": BATCH_SIZE})
        return len(deleted.all()) == BATCH_SIZE

    return delete_batch

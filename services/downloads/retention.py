"""The end of the term of bookkeeping, after which license keys that were sold are deleted."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from services.orders.retention import DAYS_OF_YEAR

BATCH_SIZE = 100
DELETE = text(
    """
    DELETE FROM license_key WHERE id IN (
        SELECT id FROM license_key WHERE sold_at < :before ORDER BY sold_at LIMIT :batch
    ) RETURNING id
    """
)


async def delete_old_keys(session: AsyncSession, years: int) -> bool:
    """Delete a batch of keys that were sold so many years ago. Returns whether there may be more.

    By then no vendor imports one of them again: the orders, too, have lost what is private.
    """
    before = now() - timedelta(days=years * DAYS_OF_YEAR)
    deleted = await session.execute(DELETE, {"before": before, "batch": BATCH_SIZE})
    return len(deleted.all()) == BATCH_SIZE

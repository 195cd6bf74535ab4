"""Clean-up of audit entries after two years."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.cleanup_tasks import BATCH_SIZE

# The role of the workers has no right to delete entries. The function has, and knows how long they
# are kept.
DELETE = text("SELECT delete_old_audit_entries(:batch)")


async def delete_old_entries(session: AsyncSession, journal_days: int) -> bool:
    deleted = await session.execute(DELETE, {"batch": BATCH_SIZE})
    return len(deleted.all()) == BATCH_SIZE


CLEANUP = [delete_old_entries]

"""Jobs of admins: what ends by itself."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.admins import changes, suspensions

tasks = Blueprint()


@tasks.task(name="end_user_suspension", retry=FOR_A_DAY, pass_context=True)
async def end_user_suspension(context: JobContext, suspension_id: str) -> None:
    """Restore a user at the end of a suspension, unless an admin did so before."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await suspensions.end_suspension(session, UUID(suspension_id))


@tasks.task(name="expire_admin_change", retry=FOR_A_DAY, pass_context=True)
async def expire_admin_change(context: JobContext, change_id: str) -> None:
    """End a request for a change of admins that was not confirmed within 24 hours."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await changes.expire_change(session, UUID(change_id))

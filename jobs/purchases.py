"""Jobs of purchases."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.purchases import ending

tasks = Blueprint()


@tasks.task(name="expire_purchase", retry=FOR_A_DAY, pass_context=True)
async def expire_purchase(context: JobContext, purchase_id: str) -> None:
    """Let a purchase expire that was not paid in time."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await ending.expire_purchase(session, UUID(purchase_id))


@tasks.periodic(cron="* * * * *")
@tasks.task(
    name="expire_overdue_purchases", queueing_lock="expire_overdue_purchases", pass_context=True
)
async def expire_overdue_purchases(context: JobContext, timestamp: int) -> None:
    """Let purchases expire whose own job was lost or is late, in batches of 100."""
    while await ending.expire_overdue(WorkerContext.of(context).transactions.begin):
        pass

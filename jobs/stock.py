"""Jobs of stock."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.stock import notices

tasks = Blueprint()


@tasks.task(name="notify_of_stock", retry=FOR_A_DAY, pass_context=True)
async def notify_of_stock(context: JobContext, variant_id: str) -> None:
    """Notify the users who wait for a variant, in batches of 100."""
    transactions, more = WorkerContext.of(context).transactions, True
    while more:
        async with transactions.begin() as session:
            more = await notices.notify_of_stock(session, UUID(variant_id))


@tasks.task(name="notify_of_low_stock", retry=FOR_A_DAY, pass_context=True)
async def notify_of_low_stock(context: JobContext, stock_id: str, number: int) -> None:
    """Notify the members of a vendor that the stock of a variant is low."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await notices.notify_of_low_stock(session, UUID(stock_id), number)

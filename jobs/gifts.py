"""Jobs of gifts of vouchers."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.gifts import receiving

tasks = Blueprint()


@tasks.task(name="lapse_gift", retry=FOR_A_DAY, pass_context=True)
async def lapse_gift(context: JobContext, gift_id: str) -> None:
    """End a gift of a voucher that was not accepted in time."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await receiving.lapse_gift(session, UUID(gift_id))


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="lapse_overdue_gifts", queueing_lock="lapse_overdue_gifts", pass_context=True)
async def lapse_overdue_gifts(context: JobContext, timestamp: int) -> None:
    """End gifts whose own job was lost, each in a transaction of its own."""
    transactions = WorkerContext.of(context).transactions
    async with transactions.begin() as session:
        ids = await receiving.find_overdue(session)
    for id in ids:
        async with transactions.begin() as session:
            await receiving.lapse_gift(session, id)

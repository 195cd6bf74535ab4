"""Jobs of pets."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from core.ids import FIRST_ID
from jobs.context import WorkerContext
from services.pets import reminding

tasks = Blueprint()


@tasks.periodic(cron="28 * * * *")
@tasks.task(
    name="remind_of_vaccinations", queueing_lock="remind_of_vaccinations", pass_context=True
)
async def remind_of_vaccinations(context: JobContext, timestamp: int) -> None:
    """Remind owners of vaccinations that become due, each in a transaction of its own."""
    transactions = WorkerContext.of(context).transactions
    after: UUID | None = FIRST_ID
    while after is not None:
        async with transactions.begin() as session:
            ids, after = await reminding.find_due(session, after)
        for id in ids:
            async with transactions.begin() as session:
                await reminding.remind(session, id)

"""Sealed values after a rotation of keys."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from models.sealed_columns import SealedColumn, sealed_columns
from services.sealed_values import FIRST_ID, reseal_batch

tasks = Blueprint()


@tasks.periodic(cron="47 * * * *")
@tasks.task(name="reseal", queueing_lock="reseal", pass_context=True)
async def reseal(context: JobContext, timestamp: int) -> None:
    """Seal the values of former keys with the present ones. Without a rotation there are none."""
    for column in sealed_columns():
        await _reseal_column(WorkerContext.of(context), column)


async def _reseal_column(worker: WorkerContext, column: SealedColumn) -> None:
    """Seal the values of a column again, one transaction per batch."""
    last: UUID | None = FIRST_ID
    while last is not None:
        async with worker.transactions.begin() as session:
            last = await reseal_batch(session, worker.sealer, column, last)

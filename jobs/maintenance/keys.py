"""Sealed values after a rotation of keys."""

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from models.sealed_columns import SealedColumn, sealed_columns
from services.sealed_values import reseal_batch
from services.transaction import by_ids

tasks = Blueprint()


@tasks.periodic(cron="47 * * * *")
@tasks.task(name="reseal", queueing_lock="reseal", pass_context=True)
async def reseal(context: JobContext, timestamp: int) -> None:
    """Seal the values of former keys with the present ones. Without a rotation there are none."""
    for column in sealed_columns():
        await _reseal_column(WorkerContext.of(context), column)


async def _reseal_column(worker: WorkerContext, column: SealedColumn) -> None:
    begin, sealer = worker.transactions.begin, worker.sealer
    await by_ids(begin, lambda session, last: reseal_batch(session, sealer, column, last))

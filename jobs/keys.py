"""Sealed values after a rotation of keys."""

from functools import partial
from uuid import UUID

from procrastinate import Blueprint, JobContext
from sqlmodel.ext.asyncio.session import AsyncSession

from jobs.context import WorkerContext
from models.sealed_columns import SealedColumn, sealed_columns
from services.sealed_values import reseal_batch
from services.transaction import by_ids

tasks = Blueprint()


@tasks.periodic(cron="47 * * * *")
@tasks.task(name="reseal", queueing_lock="reseal", pass_context=True)
async def reseal(context: JobContext, timestamp: int) -> None:
    """Seal the values of former keys with the present ones. Without a rotation there are none."""
    worker = WorkerContext.of(context)
    for column in sealed_columns():
        await by_ids(worker.transactions.begin, partial(_reseal, worker, column))


async def _reseal(
    worker: WorkerContext, column: SealedColumn, session: AsyncSession, last: UUID
) -> UUID | None:
    return await reseal_batch(session, worker.sealer, column, last)

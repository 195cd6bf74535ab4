"""Jobs of vendors."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.redemptions import redemptions
from services.vendors import hours

FIRST: UUID | None = UUID(int=0)  # before all ids

tasks = Blueprint()


@tasks.task(name="announce_vendor_status", retry=FOR_A_DAY, pass_context=True)
async def announce_vendor_status(context: JobContext, vendor_id: str) -> None:
    """Publish a vendor's status to the holders of its vouchers, in batches of 100."""
    transactions, last = WorkerContext.of(context).transactions, FIRST
    while last is not None:
        async with transactions.begin() as session:
            last = await redemptions.announce_vendor_status(session, UUID(vendor_id), last)


@tasks.periodic(cron="41 1 * * *")
@tasks.task(
    name="compute_open_times",
    queueing_lock="compute_open_times",
    retry=FOR_A_DAY,
    pass_context=True,
)
async def compute_open_times(context: JobContext, timestamp: int) -> None:
    """Compute when vendors are open in the next two weeks, in batches of 100."""
    transactions, last = WorkerContext.of(context).transactions, FIRST
    while last is not None:
        async with transactions.begin() as session:
            last = await hours.compute_next(session, last)

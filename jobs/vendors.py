"""Jobs of vendors."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.redemptions import redemptions
from services.transaction import by_ids
from services.vendors import hours

tasks = Blueprint()


@tasks.task(name="announce_vendor_status", retry=FOR_A_DAY, pass_context=True)
async def announce_vendor_status(context: JobContext, vendor_id: str) -> None:
    """Publish a vendor's status to the holders of its vouchers, in batches of 100."""
    begin, id = WorkerContext.of(context).transactions.begin, UUID(vendor_id)
    await by_ids(begin, lambda session, last: redemptions.announce_vendor_status(session, id, last))


@tasks.periodic(cron="41 1 * * *")
@tasks.task(
    name="compute_open_times",
    queueing_lock="compute_open_times",
    retry=FOR_A_DAY,
    pass_context=True,
)
async def compute_open_times(context: JobContext, timestamp: int) -> None:
    """Compute when vendors are open in the next two weeks, in batches of 100."""
    await by_ids(WorkerContext.of(context).transactions.begin, hours.compute_next)

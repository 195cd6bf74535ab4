"""The job that derives bookings again after a change of the time zones' rules."""

from procrastinate import Blueprint, JobContext

from core.calendars.zone_rules import zone_rules_version
from jobs.context import WorkerContext
from services.bookings.time_shifts import progress, shifting

tasks = Blueprint()


@tasks.periodic(cron="48 * * * *")
@tasks.task(name="shift_bookings", queueing_lock="shift_bookings", pass_context=True)
async def shift_bookings(context: JobContext, timestamp: int) -> None:
    """Move bookings to the instants of their wall times, once for each version of the rules.

    Each vendor has a transaction of its own. A run that ends early is continued by the next.
    """
    begin, version = WorkerContext.of(context).transactions.begin, zone_rules_version()
    while True:
        async with begin() as session:
            vendor_ids = await progress.find_next_vendors(session, version)
        if not vendor_ids:
            return
        for vendor_id in vendor_ids:
            async with begin() as session:
                await shifting.shift_bookings(session, vendor_id, version)
                await progress.note_done(session, version, vendor_id)

"""Jobs of events and tickets."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services import jobs
from services.events import dates, venues
from services.events.closing import changes
from services.events.closing.carrying_out import continue_change
from services.events.closing.refunds import grant_owed_refunds
from services.events.holds import ending

tasks = Blueprint()


@tasks.task(name="end_event_date", retry=FOR_A_DAY, pass_context=True)
async def end_event_date(context: JobContext, event_date_id: str) -> None:
    """End a date that is over, and the event with its last date."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await dates.end_event_date(session, UUID(event_date_id))


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="end_overdue_dates", queueing_lock="end_overdue_dates", pass_context=True)
async def end_overdue_dates(context: JobContext, timestamp: int) -> None:
    """End dates whose own job was lost, each in a transaction of its own."""
    transactions = WorkerContext.of(context).transactions
    async with transactions.begin() as session:
        ids = await dates.find_overdue(session)
    for id in ids:
        async with transactions.begin() as session:
            await dates.end_event_date(session, id)


@tasks.task(name="relist_events", retry=FOR_A_DAY, pass_context=True)
async def relist_events(context: JobContext, venue_id: str) -> None:
    """List the events that will take place at a venue at its new place, in batches of 100."""
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with WorkerContext.of(context).transactions.begin() as session:
            after = await venues.relist_events(session, UUID(venue_id), after)


@tasks.task(name="carry_out_date_change", retry=FOR_A_DAY, pass_context=True)
async def carry_out_date_change(context: JobContext, change_id: str) -> None:
    """Cancel the tickets of a date and refund them, or notify their holders, in batches of 100."""
    transactions, more = WorkerContext.of(context).transactions, True
    while more:
        async with transactions.begin() as session:
            more = await continue_change(session, UUID(change_id))
    await grant_owed_refunds(transactions.begin, UUID(change_id))


@tasks.periodic(cron="*/15 * * * *")
@tasks.task(
    name="carry_out_lost_changes", queueing_lock="carry_out_lost_changes", pass_context=True
)
async def carry_out_lost_changes(context: JobContext, timestamp: int) -> None:
    """Carry out changes of dates whose own job was lost, also for tickets that were issued late."""
    async with WorkerContext.of(context).transactions.begin() as session:
        for id in await changes.find_unfinished(session):
            await jobs.defer(session, "carry_out_date_change", change_id=id)


@tasks.task(name="end_hold", retry=FOR_A_DAY, pass_context=True)
async def end_hold(context: JobContext, hold_id: str) -> None:
    """End a hold that has expired, unless it was postponed, released or ordered."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await ending.expire_holds(session, [UUID(hold_id)])


@tasks.periodic(cron="* * * * *")
@tasks.task(name="end_overdue_holds", queueing_lock="end_overdue_holds", pass_context=True)
async def end_overdue_holds(context: JobContext, timestamp: int) -> None:
    """End holds whose own job was lost or is late, each in a transaction of its own."""
    transactions = WorkerContext.of(context).transactions
    while True:
        async with transactions.begin() as session:
            ids = await ending.find_overdue(session)
        for id in ids:
            async with transactions.begin() as session:
                await ending.expire_holds(session, [id])
        if len(ids) < ending.BATCH_SIZE:
            return

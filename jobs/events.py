"""Jobs of events and tickets."""

import asyncio
from uuid import UUID

from procrastinate import Blueprint, JobContext

from core.ids import FIRST_ID
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services import jobs
from services.events import dates, popularity, venues
from services.events.closing import changes
from services.events.closing.carrying_out import continue_change
from services.events.closing.refunds import grant_owed_refunds
from services.events.holds import ending
from services.events.questions import of_holds
from services.events.resale.refunding import find_owed, refund_resold
from services.events.sale_queue import serving as queues
from services.events.seats import release
from services.events.tickets import mail, notices, texting
from services.events.transfers import messages, receiving
from services.events.waitlist import serving
from services.events.waitlist.notices import notify_lapsed

TICKS = 58  # of a minute: the next one has a job of its own
TICK_SECONDS = 1.0

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


@tasks.periodic(cron="*/10 * * * *")
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
    while await ending.expire_overdue(WorkerContext.of(context).transactions.begin):
        pass


@tasks.task(name="end_resale_hold", retry=FOR_A_DAY, pass_context=True)
async def end_resale_hold(context: JobContext, hold_id: str) -> None:
    """End a waitlist hold whose ticket was cancelled before it was resold."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await ending.end_lost_hold(session, UUID(hold_id))


@tasks.task(name="refund_resold_ticket", retry=FOR_A_DAY, pass_context=True)
async def refund_resold_ticket(context: JobContext, listing_id: str) -> None:
    """Refund a ticket that was resold, and notify its seller."""
    await refund_resold(WorkerContext.of(context).transactions.begin, UUID(listing_id))


@tasks.periodic(cron="31 * * * *")
@tasks.task(name="refund_resold_tickets", queueing_lock="refund_resold_tickets", pass_context=True)
async def refund_resold_tickets(context: JobContext, timestamp: int) -> None:
    """Refund resold tickets whose own job was lost, or whose refund was refused before."""
    transactions = WorkerContext.of(context).transactions
    async with transactions.begin() as session:
        ids = await find_owed(session)
    for id in ids:
        await refund_resold(transactions.begin, id)


@tasks.task(name="mail_tickets", retry=FOR_A_DAY, pass_context=True)
async def mail_tickets(context: JobContext, order_id: str) -> None:
    """Send the tickets of an order to its buyer, as PDF, and a link to them by text message."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        found = await mail.compose_tickets(session, worker.sealer, worker.keys, UUID(order_id))
        if worker.sms_sender:
            countries = worker.settings.sms_country_codes
            await texting.defer_text(session, worker.sealer, UUID(order_id), countries)
    message = await found.attach() if found else None
    await worker.send_unless_rejected(message, "tickets", order_id=order_id)


@tasks.task(name="text_tickets", retry=FOR_A_DAY, pass_context=True)
async def text_tickets(context: JobContext, order_id: str) -> None:
    """Send a link to the tickets of an order to the phone of its buyer. A retry sends another."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        address = worker.settings.address
        found = await texting.compose_text(session, worker.sealer, address, UUID(order_id))
    await worker.send_unless_rejected(found, "tickets_text", order_id=order_id)


@tasks.task(name="announce_cancelled_ticket", retry=FOR_A_DAY, pass_context=True)
async def announce_cancelled_ticket(context: JobContext, ticket_id: str) -> None:
    """Notify the holder of a ticket that another has cancelled."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await notices.notify_of_cancelled(session, UUID(ticket_id))


@tasks.task(name="send_transfer", retry=FOR_A_DAY, pass_context=True)
async def send_transfer(context: JobContext, transfer_id: str) -> None:
    """Send the mail or text message of a transfer to an address. A retry sends another code."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        found = await messages.compose_transfer(session, worker.sealer, UUID(transfer_id))
    await worker.send_unless_rejected(found, "transfer", transfer_id=transfer_id)


@tasks.task(name="lapse_transfer", retry=FOR_A_DAY, pass_context=True)
async def lapse_transfer(context: JobContext, transfer_id: str) -> None:
    """End a transfer that was not accepted in time."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await receiving.lapse_transfer(session, UUID(transfer_id))


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(
    name="lapse_overdue_transfers", queueing_lock="lapse_overdue_transfers", pass_context=True
)
async def lapse_overdue_transfers(context: JobContext, timestamp: int) -> None:
    """End transfers whose own job was lost, each in a transaction of its own."""
    transactions = WorkerContext.of(context).transactions
    async with transactions.begin() as session:
        ids = await receiving.find_overdue(session)
    for id in ids:
        async with transactions.begin() as session:
            await receiving.lapse_transfer(session, id)


@tasks.task(name="release_accessible_seats", retry=FOR_A_DAY, pass_context=True)
async def release_accessible_seats(context: JobContext, event_date_id: str) -> None:
    """Sell the accessible seats that no entry waits for to anybody, 48 hours before the start."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await release.release_accessible_seats(session, UUID(event_date_id))


@tasks.task(name="serve_waitlist", retry=FOR_A_DAY, pass_context=True)
async def serve_waitlist(context: JobContext, event_date_id: str) -> None:
    """Hold what is free of a date for those who wait, in batches."""
    transactions = WorkerContext.of(context).transactions
    more = True
    while more:
        async with transactions.begin() as session:
            more = await serving.serve_waitlist(session, UUID(event_date_id))


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="serve_waitlists", queueing_lock="serve_waitlists", pass_context=True)
async def serve_waitlists(context: JobContext, timestamp: int) -> None:
    """Serve the waitlists whose own job was lost, and end those of dates that are over."""
    transactions = WorkerContext.of(context).transactions
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with transactions.begin() as session:
            ids = await serving.find_waiting_dates(session, after)
        for id in ids:
            await serve_waitlist(context, str(id))
        after = ids[-1] if len(ids) == serving.BATCH_SIZE else None


@tasks.task(name="tell_waitlist_lapsed", retry=FOR_A_DAY, pass_context=True)
async def tell_waitlist_lapsed(context: JobContext, entry_id: str) -> None:
    """Notify a user that their entry of a waitlist has lapsed."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await notify_lapsed(session, UUID(entry_id))


@tasks.periodic(cron="* * * * *")
@tasks.task(name="serve_sale_queues", queueing_lock="serve_sale_queues", pass_context=True)
async def serve_sale_queues(context: JobContext, timestamp: int) -> None:
    """Open queues, and call users once a second, each queue in a transaction of its own.

    It ends at once if no queue is open or about to open, and when the worker stops.
    """
    transactions = WorkerContext.of(context).transactions
    for _ in range(TICKS):
        async with transactions.begin() as session:
            ids = await queues.find_due_queues(session)
        for id in ids:
            async with transactions.begin() as session:
                await queues.serve_queue(session, id)
        if not ids or context.should_abort():
            return
        await asyncio.sleep(TICK_SECONDS)


@tasks.periodic(cron="52 * * * *")
@tasks.task(name="count_popularity", queueing_lock="count_popularity", pass_context=True)
async def count_popularity(context: JobContext, timestamp: int) -> None:
    """Count the tickets that events sold lately, in batches of 500 events."""
    after: UUID | None = FIRST_ID
    while after is not None:
        async with WorkerContext.of(context).transactions.begin() as session:
            after = await popularity.count_popularity(session, after)


@tasks.periodic(cron="43 3 * * *")
@tasks.task(name="delete_unused_answers", queueing_lock="delete_unused_answers", pass_context=True)
async def delete_unused_answers(context: JobContext, timestamp: int) -> None:
    """Delete the answers of holds that ended without tickets, in batches of 1,000."""
    deleted = of_holds.BATCH_SIZE
    while deleted == of_holds.BATCH_SIZE:
        async with WorkerContext.of(context).transactions.begin() as session:
            deleted = await of_holds.delete_unused(session)

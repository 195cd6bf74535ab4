"""Jobs of bookings."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from procrastinate import Blueprint, JobContext

from core.ids import FIRST_ID
from gateways.mail_format import ascii_sender
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from models.bookings.waits import FreedSpan
from models.notifications.inbox import NotificationKind
from services.bookings import answering, visits
from services.bookings.desk.guest_mail import GuestMailer, compose_for_guest
from services.bookings.holding import ending
from services.bookings.ordering import announcing, refunding
from services.bookings.reminding import planning, sending
from services.bookings.reminding.sending import PlannedReminder
from services.bookings.waiting import serving
from services.bookings.waiting.notices import notify_lapsed
from services.transaction import in_batches

tasks = Blueprint()


@tasks.task(name="end_booking_hold", retry=FOR_A_DAY, pass_context=True)
async def end_booking_hold(context: JobContext, booking_id: str) -> None:
    """End a booking that was not confirmed, ordered or answered in time."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await ending.expire_bookings(session, [UUID(booking_id)])


@tasks.periodic(cron="* * * * *")
@tasks.task(name="end_overdue_bookings", queueing_lock="end_overdue_bookings", pass_context=True)
async def end_overdue_bookings(context: JobContext, timestamp: int) -> None:
    """End bookings whose own job was lost or is late, each in a transaction of its own."""
    while await ending.expire_overdue(WorkerContext.of(context).transactions.begin):
        pass


@tasks.task(name="announce_unanswered_booking", retry=FOR_A_DAY, pass_context=True)
async def announce_unanswered_booking(context: JobContext, booking_id: str) -> None:
    """Notify a customer whose booking the vendor did not answer in time."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await answering.announce_unanswered(session, UUID(booking_id))


@tasks.task(name="announce_paid_booking", retry=FOR_A_DAY, pass_context=True)
async def announce_paid_booking(context: JobContext, booking_id: str) -> None:
    """Notify the customer and the members of a booking whose order was paid."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await announcing.announce_paid(session, UUID(booking_id))


@tasks.task(name="settle_no_show", retry=FOR_A_DAY, pass_context=True)
async def settle_no_show(context: JobContext, booking_id: str, ended_at: str) -> None:
    """Refund what the terms do not keep of a no-show that was not undone within seven days."""
    moment = datetime.fromisoformat(ended_at)
    async with WorkerContext.of(context).transactions.begin() as session:
        await refunding.settle_no_show(session, UUID(booking_id), moment)


@tasks.task(name="remind_of_booking", retry=FOR_A_DAY, pass_context=True)
async def remind_of_booking(
    context: JobContext, booking_id: str, revision: int, minutes: int
) -> None:
    """Remind the customer of a booking, unless it was moved, cancelled or has begun."""
    worker = WorkerContext.of(context)
    planned = PlannedReminder(UUID(booking_id), revision, minutes)
    async with worker.transactions.begin() as session:
        mail = await sending.remind(
            session, worker.sealer, worker.keys, worker.settings.address, planned
        )
    await worker.send_unless_rejected(mail, "booking_reminder", booking_id=booking_id)


@tasks.task(name="mail_guest", retry=FOR_A_DAY, pass_context=True)
async def mail_guest(context: JobContext, booking_id: str, kind: str, revision: int) -> None:
    """Mail a guest that their booking was made, moved or cancelled, with a file for a calendar."""
    worker = WorkerContext.of(context)
    organizer = ascii_sender(worker.settings.mail_from)[1]
    mailer = GuestMailer(worker.sealer, worker.keys, worker.settings.address, organizer)
    async with worker.transactions.begin() as session:
        mail = await compose_for_guest(
            session, mailer, UUID(booking_id), NotificationKind(kind), revision
        )
    await worker.send_unless_rejected(mail, "guest_booking", booking_id=booking_id)


@tasks.task(name="return_booking_surplus", retry=FOR_A_DAY, pass_context=True)
async def return_booking_surplus(context: JobContext, booking_id: str) -> None:
    """Refund what was paid online of the rest of a price that the desk had taken as well."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await refunding.return_surplus(session, UUID(booking_id))


@tasks.task(name="plan_booking_reminders", retry=FOR_A_DAY, pass_context=True)
async def plan_booking_reminders(context: JobContext, booking_id: str) -> None:
    """Plan the reminders of a booking that was confirmed."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await planning.plan_for(session, UUID(booking_id))


@tasks.task(name="plan_reminders_again", retry=FOR_A_DAY, pass_context=True)
async def plan_reminders_again(context: JobContext, vendor_id: str) -> None:
    """Plan the reminders of a vendor's bookings to come, in batches of 200."""
    after: UUID | None = FIRST_ID
    while after is not None:
        async with WorkerContext.of(context).transactions.begin() as session:
            after = await planning.plan_again(session, UUID(vendor_id), after)


@tasks.periodic(cron="53 * * * *")
@tasks.task(
    name="complete_past_bookings", queueing_lock="complete_past_bookings", pass_context=True
)
async def complete_past_bookings(context: JobContext, timestamp: int) -> None:
    """Complete bookings that were over half a day ago, and end meetings, in batches of 100."""
    transactions = WorkerContext.of(context).transactions
    await in_batches(transactions.begin, visits.complete_past)
    await in_batches(transactions.begin, visits.end_meetings)


@tasks.task(name="serve_booking_waits", retry=FOR_A_DAY, pass_context=True)
async def serve_booking_waits(
    context: JobContext,
    vendor_id: str,
    freed_from: str | None = None,
    freed_until: str | None = None,
) -> None:
    """Hold free times for those who wait at a vendor, each in a transaction of its own.

    With a time that was freed, only starts that it can have opened are looked at.
    """
    transactions = WorkerContext.of(context).transactions
    freed = None
    if freed_from is not None and freed_until is not None:
        freed = FreedSpan(datetime.fromisoformat(freed_from), datetime.fromisoformat(freed_until))
    tried = Counter[UUID]()
    while True:
        async with transactions.begin() as session:
            wait_id = await serving.serve_next(session, UUID(vendor_id), freed, tried)
        if wait_id is None:
            return
        tried[wait_id] += 1


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(
    name="serve_booking_waitlists", queueing_lock="serve_booking_waitlists", pass_context=True
)
async def serve_booking_waitlists(context: JobContext, timestamp: int) -> None:
    """Serve those whose own job was lost, or who could not be served then, and end old waits."""
    transactions = WorkerContext.of(context).transactions
    await in_batches(transactions.begin, serving.end_over)
    after: UUID | None = FIRST_ID
    while after is not None:
        async with transactions.begin() as session:
            ids = await serving.find_waited_vendors(session, after)
        for id in ids:
            await serve_booking_waits(context, str(id))
        after = ids[-1] if len(ids) == serving.BATCH_SIZE else None


@tasks.task(name="tell_booking_wait_lapsed", retry=FOR_A_DAY, pass_context=True)
async def tell_booking_wait_lapsed(context: JobContext, wait_id: str) -> None:
    """Notify a user whose wait has lapsed."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await notify_lapsed(session, UUID(wait_id))

"""Jobs of payments."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY, HOURLY_FOR_TWO_WEEKS
from models.payments.payments import PaymentProvider
from services.payments import cards, methods, watching
from services.payments.announcing import announce_failed
from services.payments.calls.rows import find_old_calls
from services.payments.events.events import apply_event, catch_up

tasks = Blueprint()


@tasks.task(name="send_provider_call", retry=FOR_A_DAY, pass_context=True)
async def send_provider_call(context: JobContext, call_id: str) -> None:
    """Send a call to a payment provider, unless it has ended."""
    await WorkerContext.of(context).call_sender.send(UUID(call_id))


@tasks.task(name="announce_failed_payment", retry=FOR_A_DAY, pass_context=True)
async def announce_failed_payment(context: JobContext, payment_id: str) -> None:
    """Notify the payer of a payment that failed."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await announce_failed(session, UUID(payment_id))


@tasks.task(name="apply_payment_event", retry=FOR_A_DAY, pass_context=True)
async def apply_payment_event(context: JobContext, event_id: str) -> None:
    """Fetch the object of a webhook of a payment provider, and follow its state."""
    worker = WorkerContext.of(context)
    await apply_event(worker.transactions.begin, worker.payments, UUID(event_id))


@tasks.periodic(cron="*/2 * * * *")
@tasks.task(name="look_at_payments", queueing_lock="look_at_payments", pass_context=True)
async def look_at_payments(context: JobContext, timestamp: int) -> None:
    """Ask the providers about payments that are live, in case a webhook was lost."""
    worker = WorkerContext.of(context)
    last = await watching.look_at_payments(worker.transactions.begin, worker.payments)
    while last is not None:
        last = await watching.look_at_payments(worker.transactions.begin, worker.payments, last)


@tasks.periodic(cron="42 2 * * *")
@tasks.task(name="catch_up_events", queueing_lock="catch_up_events", pass_context=True)
async def catch_up_events(context: JobContext, timestamp: int) -> None:
    """Store the webhooks of payment providers that did not reach us in the last days."""
    worker = WorkerContext.of(context)
    for provider, gateway in worker.payments.items():
        await catch_up(worker.transactions.begin, provider, gateway)


@tasks.periodic(cron="26 * * * *")
@tasks.task(name="end_old_calls", queueing_lock="end_old_calls", pass_context=True)
async def end_old_calls(context: JobContext, timestamp: int) -> None:
    """Look for the outcome of calls to providers whose own job has given up."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        ids = await find_old_calls(session)
    for call_id in ids:
        await worker.call_sender.try_to_send(call_id)


@tasks.task(name="save_paid_method", retry=FOR_A_DAY, pass_context=True)
async def save_paid_method(context: JobContext, payment_id: str) -> None:
    """Save the method of a payment whose payer wants to keep it."""
    await methods.save_paid_method(WorkerContext.of(context).call_sender, UUID(payment_id))


@tasks.task(name="note_payment_card", retry=FOR_A_DAY, pass_context=True)
async def note_payment_card(context: JobContext, payment_id: str) -> None:
    """Note the card of a payment, to find other accounts that use it."""
    await cards.note_card(WorkerContext.of(context).call_sender, UUID(payment_id))


@tasks.task(name="remove_payment_method", retry=HOURLY_FOR_TWO_WEEKS, pass_context=True)
async def remove_payment_method(context: JobContext, provider: str, reference: str) -> None:
    """Have a provider remove a saved method of payment."""
    gateways = WorkerContext.of(context).payments
    await methods.remove_at_provider(gateways, PaymentProvider(provider), reference)


@tasks.task(name="remove_payment_customer", retry=HOURLY_FOR_TWO_WEEKS, pass_context=True)
async def remove_payment_customer(context: JobContext, provider: str, reference: str) -> None:
    """Have a provider remove a user whose account was erased."""
    gateways = WorkerContext.of(context).payments
    await methods.remove_customer(gateways, PaymentProvider(provider), reference)

"""Jobs of payments."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.payments.announcing import announce_failed

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

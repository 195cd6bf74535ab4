"""Every task, by the name it is deferred under. Each can run twice and do its work once."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext, RetryStrategy
from procrastinate.jobs import Status

from core.settings import Settings
from gateways.errors import DeliveryError
from gateways.mail import MailMessage, MailSender
from gateways.push import PushMessage, PushSender
from gateways.storage.base import ObjectStorage
from models.notifications.inbox import Channel
from models.uploads import incoming_key, stored_key
from services import cleanup, redemptions
from services.notifications import deliveries, messages
from services.notifications.deliveries import Attempt
from services.offers import offers
from services.transaction import Transactions
from services.uploads import uploads

PATIENT = RetryStrategy(max_attempts=10, exponential_wait=3)
HOURLY = RetryStrategy(max_attempts=14 * 24, wait=3600)
MOST_ATTEMPTS = 5
STALLED_SECONDS = 30
SEND_SECONDS = 30  # well within the lease of a delivery
MARK_PAUSES = (1, 3, 9)  # seconds, within what sending leaves of the lease

tasks = Blueprint()
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class WorkerContext:
    """What a worker works with."""

    settings: Settings
    transactions: Transactions
    mailer: MailSender
    objects: ObjectStorage
    pusher: PushSender | None

    @property
    def channels(self) -> set[Channel]:
        return {Channel.MAIL, Channel.PUSH} if self.pusher else {Channel.MAIL}

    async def send(self, message: MailMessage | PushMessage) -> str:
        """Return the provider's id of the message. Raises `DeliveryError`, also after a timeout."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                if isinstance(message, MailMessage):
                    return await self.mailer.send(message)
                if self.pusher is None:
                    raise DeliveryError("Push is not set up: FCM_CREDENTIALS.")
                return await self.pusher.send(message)
        except TimeoutError as error:
            raise DeliveryError(f"No answer within {SEND_SECONDS} seconds.") from error


@tasks.task(name="expire_offer", retry=PATIENT, pass_context=True)
async def expire_offer(context: JobContext, offer_id: str) -> None:
    """End an offer on time, and then its vouchers, a hundred at a time."""
    transactions = _worker_context(context).transactions
    async with transactions.begin() as session:
        await offers.expire_offer(session, UUID(offer_id))
    more = True
    while more:
        async with transactions.begin() as session:
            more = await redemptions.expire_vouchers(session, UUID(offer_id))


@tasks.task(name="notify_of_message", retry=PATIENT, pass_context=True)
async def notify_of_message(context: JobContext, message_id: str) -> None:
    """Tell those who have not read a message by now."""
    async with _worker_context(context).transactions.begin() as session:
        await messages.notify_of_message(session, UUID(message_id))


@tasks.task(name="plan_deliveries", retry=PATIENT, pass_context=True)
async def plan_deliveries(context: JobContext, notification_id: str) -> None:
    """Reach a user who has not read a notification by now, on each channel there is."""
    workshop = _worker_context(context)
    async with workshop.transactions.begin() as session:
        await deliveries.plan_deliveries(session, UUID(notification_id), workshop.channels)


@tasks.task(name="mail_notification", retry=PATIENT, pass_context=True)
async def mail_notification(context: JobContext, notification_id: str) -> None:
    """As servers of the release before defer it."""
    await plan_deliveries(context, notification_id)


@tasks.task(name="deliver", retry=PATIENT, pass_context=True)
async def deliver(context: JobContext, delivery_id: str) -> None:
    """Send outside of any transaction. What a crash cuts off is sent again after a minute.

    Nobody can know whether the first copy left. A second mail has the same Message-ID, and a
    second push message takes the place of the first where that is shown still.
    """
    workshop = _worker_context(context)
    async with workshop.transactions.begin() as session:
        attempt = await deliveries.take_up(session, UUID(delivery_id))
    if attempt is None:
        return
    try:
        provider_id = await workshop.send(attempt.message)
    except DeliveryError as error:
        async with workshop.transactions.begin() as session:
            await deliveries.mark_not_sent(session, attempt, error)
    else:
        await _mark_sent(workshop, attempt, provider_id)


async def _mark_sent(workshop: WorkerContext, attempt: Attempt, provider_id: str) -> None:
    """Though the database be away for a moment: what is not marked is sent again."""
    for pause in (*MARK_PAUSES, None):
        try:
            async with workshop.transactions.begin() as session:
                await deliveries.mark_sent(session, attempt, provider_id)
            return
        except Exception as error:
            if pause is None:
                raise
            log.warning("delivery.not_marked", error=str(error))
            await asyncio.sleep(pause)


@tasks.task(name="hurry_deliveries", retry=PATIENT, pass_context=True)
async def hurry_deliveries(context: JobContext, user_id: str, due_at: str) -> None:
    """Look again at what waits for the end of quiet hours that end at another time now."""
    more = True
    while more:
        async with _worker_context(context).transactions.begin() as session:
            more = await deliveries.hurry_deliveries(
                session, UUID(user_id), datetime.fromisoformat(due_at)
            )


@tasks.task(name="tidy_upload", retry=HOURLY, pass_context=True)
async def tidy_upload(context: JobContext, upload_id: str) -> None:
    """Forget a file past its time, and remove all that is stored of it but what is served."""
    workshop, id = _worker_context(context), UUID(upload_id)
    async with workshop.transactions.begin() as session:
        key = await uploads.expire_upload(session, id)
    await workshop.objects.remove(incoming_key(id))
    await workshop.objects.remove(stored_key(id), keep=key)


@tasks.periodic(cron="17 * * * *")
@tasks.task(name="keep_house", queueing_lock="keep_house", pass_context=True)
async def keep_house(context: JobContext, timestamp: int) -> None:
    """Do each chore. One that fails keeps no other from being done."""
    failed: list[Exception] = []
    for chore in cleanup.CHORES:
        try:
            await _finish(chore, _worker_context(context))
        except Exception as error:  # noqa: BLE001 - whatever it was, it is raised in the end
            failed.append(error)
    if failed:
        raise ExceptionGroup("Not all chores were done.", failed)


async def _finish(chore: cleanup.Chore, workshop: WorkerContext) -> None:
    """In batches, each a transaction."""
    more = True
    while more:
        async with workshop.transactions.begin() as session:
            more = await chore(session, workshop.settings.journal_days)


@tasks.periodic(cron="* * * * *")
@tasks.task(name="sweep_stalled", queueing_lock="sweep_stalled", pass_context=True)
async def sweep_stalled(context: JobContext, timestamp: int) -> None:
    """Give jobs of a worker that died to another one, five times at most."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        if job.id is not None and job.attempts >= MOST_ATTEMPTS:
            await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
        else:
            await manager.retry_job(job)


def _worker_context(context: JobContext) -> WorkerContext:
    workshop: WorkerContext = context.additional_context["workshop"]
    return workshop

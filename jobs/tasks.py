"""Every task, by the name it is deferred under. Each can run twice and do its work once."""

from dataclasses import dataclass
from uuid import UUID

from procrastinate import Blueprint, JobContext, RetryStrategy
from procrastinate.jobs import Status

from core.settings import Settings
from gateways.mail import Mailer
from gateways.objects import Objects
from models.uploads import incoming, kept
from services import housekeeping, notifications, offers, redemptions, uploads
from services.journal import Transactions

PATIENT = RetryStrategy(max_attempts=10, exponential_wait=3)
MOST_ATTEMPTS = 5
STALLED_SECONDS = 30

tasks = Blueprint()


@dataclass(frozen=True)
class Workshop:
    """What a worker works with."""

    settings: Settings
    transactions: Transactions
    mailer: Mailer
    objects: Objects


@tasks.task(name="expire_offer", retry=PATIENT, pass_context=True)
async def expire_offer(context: JobContext, offer_id: str) -> None:
    """End an offer on time, and then its vouchers, a hundred at a time."""
    transactions = _workshop(context).transactions
    async with transactions.begin() as session:
        await offers.expire_offer(session, UUID(offer_id))
    more = True
    while more:
        async with transactions.begin() as session:
            more = await redemptions.expire_vouchers(session, UUID(offer_id))


@tasks.task(name="mail_notification", retry=PATIENT, pass_context=True)
async def mail_notification(context: JobContext, notification_id: str) -> None:
    """Send outside of any transaction; a second copy after a crash bears the same Message-ID."""
    workshop, id = _workshop(context), UUID(notification_id)
    async with workshop.transactions.begin() as session:
        mail = await notifications.compose_mail(session, id)
    if mail is None:
        return
    await workshop.mailer.send(mail)
    async with workshop.transactions.begin() as session:
        await notifications.mark_mailed(session, id)


@tasks.task(name="tidy_upload", retry=PATIENT, pass_context=True)
async def tidy_upload(context: JobContext, upload_id: str) -> None:
    """Forget a file past its time, and remove all that is stored of it but what is served."""
    workshop, id = _workshop(context), UUID(upload_id)
    async with workshop.transactions.begin() as session:
        key = await uploads.expire_upload(session, id)
    await workshop.objects.remove(incoming(id))
    await workshop.objects.remove(kept(id), keep=key)


@tasks.periodic(cron="17 * * * *")
@tasks.task(name="keep_house", queueing_lock="keep_house", pass_context=True)
async def keep_house(context: JobContext, timestamp: int) -> None:
    """Forget what is past its time, in batches."""
    workshop = _workshop(context)
    for forget in housekeeping.CHORES:
        more = True
        while more:
            async with workshop.transactions.begin() as session:
                more = await forget(session, workshop.settings.journal_days)


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


def _workshop(context: JobContext) -> Workshop:
    workshop: Workshop = context.additional_context["workshop"]
    return workshop

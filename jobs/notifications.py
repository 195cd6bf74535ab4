"""Jobs that plan and send deliveries of notifications."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext
from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt, wait_chain, wait_fixed

from core.calendars.writing import Guest
from gateways.errors import DeliveryError
from gateways.mail import Attachment, MailMessage
from gateways.mail_format import ascii_sender
from gateways.push import PushMessage
from gateways.storage.base import StorageUnreachable
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.chat import message_notifications
from services.notifications import deliveries
from services.notifications.deliveries import Attempt
from services.notifications.finishing import invite, sign_page_link
from services.notifications.kinds import NotificationText

# In total 13 seconds, which fit into a delivery's lease of 60 seconds after 30 for sending.
MARK_SENT_RETRY_SECONDS = (1, 3, 9)
MAX_ATTACHMENT_BYTES = 5_000_000

tasks = Blueprint()
log = structlog.get_logger(__name__)


@tasks.task(name="notify_of_message", retry=FOR_A_DAY, pass_context=True)
async def notify_of_message(context: JobContext, message_id: str) -> None:
    """Notify participants with unread messages."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await message_notifications.notify_of_message(session, UUID(message_id))


@tasks.task(name="plan_deliveries", retry=FOR_A_DAY, pass_context=True)
async def plan_deliveries(context: JobContext, notification_id: str) -> None:
    """Create a delivery per available channel, unless the notification was read."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        await deliveries.plan_deliveries(session, UUID(notification_id), worker.channels)


@tasks.task(name="deliver", retry=FOR_A_DAY, pass_context=True)
async def deliver(context: JobContext, delivery_id: str) -> None:
    """Send a delivery, outside of any transaction.

    If the worker crashes before storing the outcome, the message is sent again when the lease ends,
    after one minute: whether it was sent is unknown. A second mail has the same Message-ID; a
    second push message replaces the first if that is still shown.
    """
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        attempt = await deliveries.lease(session, worker.sealer, UUID(delivery_id))
    if attempt is None:
        return
    try:
        provider_id = await worker.send(await _finish(worker, attempt))
    except DeliveryError as error:
        async with worker.transactions.begin() as session:
            await deliveries.mark_not_sent(session, attempt, error)
    else:
        await _mark_sent(worker, attempt, provider_id)


@tasks.task(name="reschedule_deliveries", retry=FOR_A_DAY, pass_context=True)
async def reschedule_deliveries(context: JobContext, user_id: str, due_at: str) -> None:
    """Reschedule deliveries that wait for quiet hours whose end changed."""
    more = True
    while more:
        async with WorkerContext.of(context).transactions.begin() as session:
            more = await deliveries.reschedule_deliveries(
                session, UUID(user_id), datetime.fromisoformat(due_at)
            )


async def _finish(worker: WorkerContext, attempt: Attempt) -> MailMessage | PushMessage:
    """Return the message, a mail with its files, its invitation and its link.

    Raises `DeliveryError` if a file cannot be read now.
    """
    message, text = attempt.message, attempt.text
    if not isinstance(message, MailMessage):
        return message
    attached = await _read_files(worker, text)
    if text.invitation is not None:
        people = Guest(ascii_sender(worker.settings.mail_from)[1], message.recipient)
        attached.append(invite(text.invitation, people))
    body = message.body
    if text.link is not None:
        body = f"{body}{sign_page_link(worker.keys, worker.settings.address, text.link)}\n"
    return replace(message, body=body, attachments=attached)


async def _read_files(worker: WorkerContext, text: NotificationText) -> list[Attachment]:
    attached = []
    for file in text.files:
        try:
            content = await worker.objects.read(file.key, MAX_ATTACHMENT_BYTES)
        except StorageUnreachable as error:
            raise DeliveryError("The storage of files does not respond.") from error
        if content is None:
            raise DeliveryError(f"The file {file.key} is missing.")
        attached.append(Attachment(file.name, file.content_type, content))
    return attached


async def _mark_sent(worker: WorkerContext, attempt: Attempt, provider_id: str) -> None:
    """Store that a message was sent. Retries, because an unmarked message is sent again."""
    retrying = AsyncRetrying(
        wait=wait_chain(*map(wait_fixed, MARK_SENT_RETRY_SECONDS)),
        stop=stop_after_attempt(1 + len(MARK_SENT_RETRY_SECONDS)),
        before_sleep=_log_failure,
        reraise=True,
    )
    async for trial in retrying:
        with trial:
            async with worker.transactions.begin() as session:
                await deliveries.mark_sent(session, attempt, provider_id)


def _log_failure(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("delivery.mark_sent_failed", error=str(error))

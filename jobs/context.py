"""The parts of a worker process."""

import asyncio
from dataclasses import dataclass, field

import structlog
from procrastinate import JobContext

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.calendars import CalendarFetcher
from gateways.errors import DeliveryError, MessageRejected
from gateways.mail import MailMessage, MailSender
from gateways.payments.gateway import PaymentGateways
from gateways.push import PushMessage, PushSender
from gateways.sms import SmsMessage, SmsSender
from gateways.storage.base import ObjectStorage
from models.notifications.inbox import Channel
from services.payments.calls.sending import CallSender
from services.transaction import Transactions

SEND_TIMEOUT_SECONDS = 30  # half of a delivery's lease, so that the outcome can still be stored

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class WorkerContext:
    """The parts of a worker process, created once."""

    settings: Settings
    transactions: Transactions
    mail_sender: MailSender
    objects: ObjectStorage
    push_sender: PushSender | None
    sealer: Sealer
    sms_sender: SmsSender | None
    payments: PaymentGateways
    keys: SigningKeys
    calendars: CalendarFetcher = field(default_factory=CalendarFetcher)

    @property
    def call_sender(self) -> CallSender:
        return CallSender(self.transactions.begin, self.payments, self.sealer)

    @classmethod
    def of(cls, context: JobContext) -> "WorkerContext":
        found: WorkerContext = context.additional_context["worker"]
        return found

    @property
    def channels(self) -> set[Channel]:
        return {Channel.MAIL, Channel.PUSH} if self.push_sender else {Channel.MAIL}

    async def send(self, message: MailMessage | PushMessage | SmsMessage) -> str:
        """Return the provider's id of the message. Raises `DeliveryError`, also on a timeout."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                if isinstance(message, MailMessage):
                    return await self.mail_sender.send(message)
                if isinstance(message, SmsMessage):
                    if self.sms_sender is None:
                        raise DeliveryError("Text messages are not set up: SMS_ACCOUNT.")
                    return await self.sms_sender.send(message)
                if self.push_sender is None:
                    raise DeliveryError("Push is not set up: FCM_CREDENTIALS.")
                return await self.push_sender.send(message)
        except TimeoutError as error:
            reason = f"No answer within {SEND_TIMEOUT_SECONDS} seconds."
            raise DeliveryError(reason) from error

    async def send_unless_rejected(
        self, message: MailMessage | SmsMessage | None, what: str, **ids: str
    ) -> None:
        """Send a message, if there is one. If the provider rejects it, a retry would not help."""
        if message is None:
            return
        try:
            await self.send(message)
        except MessageRejected as error:
            log.warning(f"{what}.rejected", **ids, error=str(error))

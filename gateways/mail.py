"""Sends mail over SMTP, or writes it to an outbox folder."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from core.circuit_breaker import CircuitBreaker, CircuitOpen
from core.clock import now
from core.settings import Settings
from core.text.email_addresses import with_ascii_domain
from core.web.hosts import is_loopback
from gateways.errors import DeliveryError, MessageRejected
from gateways.mail_format import POLICY, ascii_sender

MIN_PERMANENT_CODE = 500  # RFC 5321, 4.2.1: from this code on, a retry does not help
TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class Attachment:
    """A file of a mail."""

    name: str
    content_type: str
    content: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)  # of the content type


@dataclass(frozen=True)
class MailMessage:
    """A mail to one person. The Message-ID derives from `id`, so clients drop a second copy."""

    id: UUID
    to: str
    subject: str
    body: str
    attachments: Sequence[Attachment] = ()

    @property
    def recipient(self) -> str:
        """Return the address with its domain in ASCII. Raises `MessageRejected`."""
        address = with_ascii_domain(self.to)
        if address is None:
            raise MessageRejected("The address is malformed.")
        return address

    def encode(self, sender: str) -> EmailMessage:
        message = EmailMessage(policy=POLICY)
        message["From"], message["To"] = sender, self.recipient
        message["Subject"] = " ".join(self.subject.split())  # a header is one line
        message["Message-ID"] = f"<{self.id}@haat>"
        message["Date"] = format_datetime(now())
        message.set_content(self.body)
        for one in self.attachments:
            kind, _, subtype = one.content_type.partition("/")
            message.add_attachment(
                one.content, kind, subtype, filename=one.name, params=dict(one.parameters)
            )
        return message


class MailSender(Protocol):
    """Sends mail and returns the server's reply. Raises `DeliveryError`."""

    async def send(self, mail: MailMessage) -> str: ...


class SmtpSender:
    """Sends to `smtp://user:password@host:port`. With `smtps://`, TLS starts at once.

    With `smtp://`, the server must offer STARTTLS unless its host is loopback. Otherwise the
    password would be sent in clear text to a server, or an attacker in between, that omits it.
    """

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender, self._from_address = ascii_sender(sender)
        required = self._url.scheme != "smtps" and not is_loopback(self._url.hostname)
        self._start_tls = True if required else None  # None: use STARTTLS if it is offered
        self._breaker = CircuitBreaker("smtp", OSError)  # aiosmtplib's timeouts are OSErrors too

    async def send(self, mail: MailMessage) -> str:
        # SMTPUTF8 (RFC 6531) is only needed before the @, and few servers have it.
        options = [] if mail.recipient.isascii() else ["SMTPUTF8"]
        try:
            async with self._breaker, self._client() as client:
                _, reply = await client.sendmail(
                    self._from_address,
                    [mail.recipient],
                    mail.encode(self._sender).as_bytes(),
                    mail_options=options,
                )
        except CircuitOpen as error:
            raise DeliveryError(error.reason, after=error.seconds) from error
        except (SMTPException, OSError) as error:
            raise _delivery_error(error) from error
        return reply

    async def greet(self) -> str:
        """Connect and log in without sending, and return the server. For `haat check`."""
        async with self._client() as client:
            return f"{client.hostname}:{client.port}"

    def _client(self) -> SMTP:
        url = self._url
        return SMTP(
            hostname=url.hostname,
            port=url.port,
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=url.scheme == "smtps",
            start_tls=self._start_tls,
            timeout=TIMEOUT_SECONDS,
        )


class MailOutbox:
    """A folder of unsent mail, as `.eml` files."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender, _ = ascii_sender(sender)

    async def send(self, mail: MailMessage) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{mail.id}.eml"
        path.write_bytes(mail.encode(self._sender).as_bytes())
        return path.name

    def latest(self, limit: int = 20) -> Iterator[dict[str, str]]:
        """Yield `id`, `channel`, `to`, `subject`, `body` and `sent_at`, newest first."""
        newest = sorted(self._folder.glob("*.eml"), key=lambda path: path.name, reverse=True)
        for path in newest[:limit]:
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body()
            yield {
                "id": path.stem,
                "channel": "Mail",
                "to": str(message["To"]),
                "subject": str(message["Subject"]),
                "body": body.get_content() if body else "",
                "sent_at": f"{parsedate_to_datetime(message['Date']):%d %b %Y %H:%M} UTC",
            }


def create_mail_sender(settings: Settings) -> MailSender:
    """Return an SMTP sender if `MAIL_URL` is set, else the outbox."""
    if settings.mail_url:
        return SmtpSender(settings.mail_url, settings.mail_from)
    return MailOutbox(settings.outbox, settings.mail_from)


def _delivery_error(error: SMTPException | OSError) -> DeliveryError:
    """Classify an SMTP error.

    Only a rejected recipient or message is permanent. A rejected log-in is our mistake; retries
    succeed once it is corrected.
    """
    if isinstance(error, SMTPNotSupported) and "SMTPUTF8" in str(error):
        return MessageRejected(
            "The address has letters outside ASCII before the @, and the mail server does not"
            " support SMTPUTF8."
        )
    if isinstance(error, SMTPRecipientsRefused):
        codes = [recipient.code for recipient in error.recipients]
        reason = f"The server refused the recipient ({', '.join(map(str, codes))})."
        permanent = min(codes) >= MIN_PERMANENT_CODE
    elif isinstance(error, SMTPResponseException):
        reason = f"{type(error).__name__} {error.code}"
        permanent = isinstance(error, SMTPDataError) and error.code >= MIN_PERMANENT_CODE
    elif type(error) is SMTPException:  # an extension is missing, such as STARTTLS
        reason, permanent = str(error), False
    else:
        reason, permanent = type(error).__name__, False
    return MessageRejected(reason) if permanent else DeliveryError(reason)

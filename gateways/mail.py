"""Mail: over SMTP where one is set, else into a folder that the development page shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    send,
)

from core.clock import now
from core.settings import Settings
from gateways.errors import DeliveryError, Rejected

PERMANENT = 500  # RFC 5321, 4.2.1: from here on the server says that trying again is of no use


@dataclass(frozen=True)
class Mail:
    """A message to one person. The id makes the Message-ID, so a second copy can be told."""

    id: UUID
    to: str
    subject: str
    body: str

    def message(self, sender: str) -> EmailMessage:
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"] = sender, self.to
        message["Subject"] = " ".join(self.subject.split())  # a header is one line
        message["Message-ID"] = f"<{self.id}@haat>"
        message["Date"] = format_datetime(now())
        message.set_content(self.body)
        return message


class Mailer(Protocol):
    """Sends mail and returns the server's reply. Raises `DeliveryError` when it cannot."""

    async def send(self, mail: Mail) -> str: ...


class Smtp:
    """A mail server at `smtp://user:password@host:port`, or smtps:// for TLS from the start."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    async def send(self, mail: Mail) -> str:
        try:
            _, said = await send(
                mail.message(self._sender),
                hostname=self._url.hostname,
                port=self._url.port,
                username=unquote(self._url.username) if self._url.username else None,
                password=unquote(self._url.password) if self._url.password else None,
                use_tls=self._url.scheme == "smtps",
                timeout=20,
            )
        except (SMTPException, OSError) as error:
            raise _not_taken(error) from error
        return said


class Outbox:
    """A folder of mail that would have been sent, one `.eml` file each."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{mail.id}.eml"
        path.write_bytes(mail.message(self._sender).as_bytes())
        return path.name

    def latest(self, most: int = 20) -> Iterator[dict[str, str]]:
        """The newest first, as `id`, `channel`, `to`, `subject`, `body` and `sent_at`."""
        newest = sorted(self._folder.glob("*.eml"), key=lambda path: path.name, reverse=True)
        for path in newest[:most]:
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


def mailer(settings: Settings) -> Mailer:
    if settings.mail_url:
        return Smtp(settings.mail_url, settings.mail_from)
    return Outbox(settings.outbox, settings.mail_from)


def _not_taken(error: SMTPException | OSError) -> DeliveryError:
    """What went wrong. Only the mail or its recipient can be refused for good, not our log-in."""
    if isinstance(error, SMTPRecipientsRefused):
        codes = [refused.code for refused in error.recipients]
        said = f"The server refused the recipient ({', '.join(map(str, codes))})."
        return Rejected(said) if min(codes) >= PERMANENT else DeliveryError(said)
    if isinstance(error, SMTPResponseException):
        said = f"{type(error).__name__} {error.code}"
        refused = isinstance(error, SMTPDataError) and error.code >= PERMANENT
        return Rejected(said) if refused else DeliveryError(said)
    return DeliveryError(type(error).__name__)

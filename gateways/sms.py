"""Sends text messages through Twilio, or writes them to the outbox folder.

Source: https://www.twilio.com/docs/messaging/api/message-resource
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import httpx

from core.circuit_breaker import CircuitBreaker, CircuitOpen
from core.clock import now
from core.settings import Settings
from gateways.errors import DeliveryError, InvalidRecipient, MessageRejected

TIMEOUT_SECONDS = 10
DEFAULT_RETRY_SECONDS = 60  # if a 429 has no Retry-After
SERVICE_PREFIX = "MG"  # of a messaging service, which chooses among several senders
# Numbers that get no messages. Source: https://www.twilio.com/docs/api/errors
INVALID_NUMBER_CODES = {21211, 21214, 21217, 21408, 21610, 21612, 21614}


@dataclass(frozen=True)
class SmsMessage:
    """A text message to a number in E.164."""

    id: UUID
    to: str
    body: str


class SmsSender(Protocol):
    """Sends text messages and returns the provider's id of each. Raises `DeliveryError`."""

    async def send(self, message: SmsMessage) -> str: ...

    async def close(self) -> None: ...


class TwilioSender:
    """Sends with the credentials of an account.

    Twilio has no idempotency keys: a retry after an answer that was lost sends a second message.
    """

    def __init__(self, account: str, token: str, sender: str, url: str) -> None:
        self._url = f"{url.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json"
        self._sender = sender
        self._http = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, auth=(account, token))
        self._breaker = CircuitBreaker("sms", httpx.TransportError)

    async def send(self, message: SmsMessage) -> str:
        name = "MessagingServiceSid" if self._sender.startswith(SERVICE_PREFIX) else "From"
        form = {"To": message.to, name: self._sender, "Body": message.body}
        try:
            async with self._breaker:
                response = await self._http.post(self._url, data=form)
        except CircuitOpen as error:
            reason = f"Twilio did not respond: {error.reason}"
            raise DeliveryError(reason, after=error.seconds) from error
        except httpx.HTTPError as error:
            raise DeliveryError(f"Twilio did not respond: {type(error).__name__}") from error
        if response.is_success:
            return str(_json_object(response).get("sid", ""))
        raise _delivery_error(response)

    async def close(self) -> None:
        await self._http.aclose()


class SmsOutbox:
    """A folder of unsent text messages, as `.sms` files of JSON."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: SmsMessage) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{message.id}.sms"
        content = {"to": message.to, "body": message.body, "sent_at": now().isoformat()}
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False))
        return path.name

    async def close(self) -> None:
        """Do nothing: no connection is open."""

    def latest(self, limit: int = 20) -> Iterator[dict[str, str]]:
        """Yield `id`, `channel`, `to`, `subject`, `body` and `sent_at`, newest first."""
        newest = sorted(self._folder.glob("*.sms"), key=lambda path: path.name, reverse=True)
        for path in newest[:limit]:
            content = json.loads(path.read_text())
            yield {
                "id": path.stem,
                "channel": "SMS",
                "to": content["to"],
                "subject": "",
                "body": content["body"],
                "sent_at": f"{datetime.fromisoformat(content['sent_at']):%d %b %Y %H:%M} UTC",
            }


def create_sms_sender(settings: Settings) -> SmsSender | None:
    """Return Twilio if configured, the outbox in development, otherwise None."""
    if settings.sms_account:
        return TwilioSender(
            settings.sms_account, settings.sms_token, settings.sms_from, settings.sms_url
        )
    return SmsOutbox(settings.outbox) if settings.development else None


def _delivery_error(response: httpx.Response) -> DeliveryError:
    """Classify an error response. Its text can contain the number, so only the code is kept."""
    code = _json_object(response).get("code")
    reason = f"Twilio {response.status_code} {code}"
    if code in INVALID_NUMBER_CODES:
        return InvalidRecipient(reason)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        after = response.headers.get("Retry-After", "")
        return DeliveryError(
            reason, after=float(after) if after.isdecimal() else DEFAULT_RETRY_SECONDS
        )
    if response.is_server_error or response.status_code == httpx.codes.UNAUTHORIZED:
        return DeliveryError(reason)
    return MessageRejected(reason)


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

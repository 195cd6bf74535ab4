"""Sends push messages through Firebase Cloud Messaging, or writes them to the outbox folder.

Source: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import httpx
from joserfc import jwt

from core.circuit_breaker import CircuitBreaker, CircuitOpen
from core.clock import now
from core.security import service_account
from core.security.service_account import ServiceAccount
from core.settings import Settings
from gateways.errors import DeliveryError, InvalidRecipient, MessageRejected

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523
TOKEN_SECONDS = 3600
RENEW_EARLY_SECONDS = 60  # access tokens are renewed this long before they expire
DEFAULT_RETRY_SECONDS = 60  # FCM's minimum wait if a 429 has no Retry-After
TIMEOUT_SECONDS = 10
INVALID_TOKEN_CODES = {"UNREGISTERED", "SENDER_ID_MISMATCH"}


@dataclass(frozen=True)
class PushMessage:
    """A message to one device. It replaces a shown message with the same `about`."""

    id: UUID
    token: str
    title: str
    body: str
    about: UUID
    data: dict[str, str]

    def encode(self) -> dict[str, Any]:
        """Return FCM's JSON. A web push topic has at most 32 characters, a UUID's length."""
        about = self.about.hex
        return {
            "token": self.token,
            "notification": {"title": self.title, "body": self.body},
            "data": self.data,
            "android": {"collapse_key": about, "notification": {"tag": about}},
            "apns": {"headers": {"apns-collapse-id": about}},
            "webpush": {"headers": {"Topic": about}, "notification": {"tag": about}},
        }


class PushSender(Protocol):
    """Sends push messages and returns the provider's id of each. Raises `DeliveryError`."""

    async def send(self, push: PushMessage) -> str: ...

    async def close(self) -> None: ...


class FcmSender:
    """Sends with a service account. If FCM asks for a pause, all messages wait."""

    def __init__(self, account: ServiceAccount, url: str) -> None:
        self._account = account
        self._url = f"{url.rstrip('/')}/v1/projects/{account.project_id}/messages:send"
        self._http = httpx.AsyncClient(timeout=TIMEOUT_SECONDS)
        self._breaker = CircuitBreaker("fcm", httpx.TransportError)
        self._token_lock = asyncio.Lock()
        self._token, self._token_expires_at, self._paused_until = "", 0.0, 0.0

    async def send(self, push: PushMessage) -> str:
        if (left := self._paused_until - time.monotonic()) > 0:
            raise DeliveryError("FCM asked to pause.", after=left)
        headers = {"Authorization": f"Bearer {await self._access_token()}"}
        response = await self._post(self._url, json={"message": push.encode()}, headers=headers)
        if response.is_success:
            return str(_json_object(response).get("name", ""))
        raise self._delivery_error(response)

    async def close(self) -> None:
        await self._http.aclose()

    async def _access_token(self) -> str:
        """Return an access token, shared for up to an hour."""
        async with self._token_lock:
            if time.monotonic() >= self._token_expires_at:
                form = {"grant_type": GRANT, "assertion": self._assertion()}
                response = await self._post(str(self._account.token_uri), data=form)
                body = _json_object(response)
                if not response.is_success or "access_token" not in body:
                    reason = f"Google OAuth {response.status_code}: {body.get('error')}"
                    raise DeliveryError(reason)
                self._token = body["access_token"]
                lifetime = int(body.get("expires_in", TOKEN_SECONDS)) - RENEW_EARLY_SECONDS
                self._token_expires_at = time.monotonic() + lifetime
            return self._token

    def _assertion(self) -> str:
        claims = {
            "iss": self._account.client_email,
            "scope": SCOPE,
            "aud": str(self._account.token_uri),
            "iat": int(time.time()),
            "exp": int(time.time()) + TOKEN_SECONDS,
        }
        header = {"alg": "RS256", "kid": self._account.private_key_id}
        return jwt.encode(header, claims, self._account.key, algorithms=["RS256"])

    async def _post(self, url: str, **arguments: Any) -> httpx.Response:
        try:
            async with self._breaker:
                return await self._http.post(url, **arguments)
        except CircuitOpen as error:
            reason = f"Google did not respond: {error.reason}"
            raise DeliveryError(reason, after=error.seconds) from error
        except httpx.HTTPError as error:
            raise DeliveryError(f"Google did not respond: {type(error).__name__}") from error

    def _delivery_error(self, response: httpx.Response) -> DeliveryError:
        """Classify an error response of FCM.

        Source: https://firebase.google.com/docs/cloud-messaging/error-codes
        """
        code, names_token = _error_code(response)
        reason = f"FCM {response.status_code} {code}"
        if code in INVALID_TOKEN_CODES or (code == "INVALID_ARGUMENT" and names_token):
            return InvalidRecipient(reason)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._token_expires_at = 0.0
            return DeliveryError(reason)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
            after = _retry_after(response)
            if after is None and response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                after = DEFAULT_RETRY_SECONDS
            self._paused_until = time.monotonic() + (after or 0)
            return DeliveryError(reason, after=after or 0)
        return MessageRejected(reason)


class PushOutbox:
    """A folder of unsent push messages, as `.json` files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, push: PushMessage) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{push.id}.json"
        content = {"to": f"{push.token[:12]}…", "sent_at": now().isoformat(), **push.encode()}
        path.write_text(json.dumps(content, indent=2))
        return path.name

    async def close(self) -> None:
        """Do nothing: no connection is open."""

    def latest(self, limit: int = 20) -> Iterator[dict[str, str]]:
        """Yield `id`, `channel`, `to`, `subject`, `body` and `sent_at`, newest first."""
        newest = sorted(self._folder.glob("*.json"), key=lambda path: path.name, reverse=True)
        for path in newest[:limit]:
            content = json.loads(path.read_text())
            yield {
                "id": path.stem,
                "channel": "Push",
                "to": content["to"],
                "subject": content["notification"]["title"],
                "body": content["notification"]["body"],
                "sent_at": f"{datetime.fromisoformat(content['sent_at']):%d %b %Y %H:%M} UTC",
            }


def create_push_sender(settings: Settings) -> PushSender | None:
    """Return FCM if configured, the outbox in development, otherwise None."""
    if settings.fcm_credentials:
        return FcmSender(service_account.read(settings.fcm_credentials), settings.fcm_url)
    return PushOutbox(settings.outbox) if settings.development else None


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _error_code(response: httpx.Response) -> tuple[str, bool]:
    """Return FCM's error code, and whether the error names the device token.

    A malformed token is reported by a field or only in the message text. A malformed payload has
    the same code, and must not remove the device.
    """
    error = _json_object(response).get("error")
    error = error if isinstance(error, dict) else {}
    details = [detail for detail in error.get("details", []) if isinstance(detail, dict)]
    codes = [detail["errorCode"] for detail in details if "errorCode" in detail]
    fields = [one.get("field") for detail in details for one in detail.get("fieldViolations", [])]
    names_token = "message.token" in fields or "registration token" in error.get("message", "")
    return str((codes or [error.get("status", "")])[0]), names_token


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of `Retry-After`, a number or a date (RFC 9110, 10.2.3)."""
    value = response.headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now()).total_seconds())
    except (ValueError, TypeError):
        return None

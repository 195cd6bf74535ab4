"""Push: through Firebase Cloud Messaging where an account is set, else into the outbox folder.

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

from core import service_account
from core.clock import now
from core.service_account import ServiceAccount
from core.settings import Settings
from gateways.errors import DeliveryError, InvalidRecipient, Rejected

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523
HOUR = 3600
EARLY = 60  # seconds before its end from which on a token is not used any more
PAUSE = 60  # seconds that FCM wants to be left alone when it does not say how long
GONE = {"UNREGISTERED", "SENDER_ID_MISMATCH"}


@dataclass(frozen=True)
class Push:
    """A message to one device. One that is `about` the same takes the place of what is shown."""

    id: UUID
    token: str
    title: str
    body: str
    about: UUID
    data: dict[str, str]

    def message(self) -> dict[str, Any]:
        """As FCM wants it. A topic of web push has 32 characters at most, as a UUID has."""
        about = self.about.hex
        return {
            "token": self.token,
            "notification": {"title": self.title, "body": self.body},
            "data": self.data,
            "android": {"collapse_key": about, "notification": {"tag": about}},
            "apns": {"headers": {"apns-collapse-id": about}},
            "webpush": {"headers": {"Topic": about}, "notification": {"tag": about}},
        }


class Pusher(Protocol):
    """What sends push messages, and tells the provider's name of each. Raises `DeliveryError`."""

    async def send(self, push: Push) -> str: ...

    async def close(self) -> None: ...


class Fcm:
    """The project of a service account. Asked to wait, it lets all messages wait."""

    def __init__(self, account: ServiceAccount, url: str) -> None:
        self._account = account
        self._url = f"{url.rstrip('/')}/v1/projects/{account.project_id}/messages:send"
        self._http = httpx.AsyncClient(timeout=10)
        self._signing_in = asyncio.Lock()
        self._token, self._token_ends, self._paused_until = "", 0.0, 0.0

    async def send(self, push: Push) -> str:
        if (left := self._paused_until - time.monotonic()) > 0:
            raise DeliveryError("FCM asked to be left alone for a while.", after=left)
        headers = {"Authorization": f"Bearer {await self._sign_in()}"}
        answer = await self._post(self._url, json={"message": push.message()}, headers=headers)
        if answer.is_success:
            return str(_object(answer).get("name", ""))
        raise self._not_taken(answer)

    async def close(self) -> None:
        await self._http.aclose()

    async def _sign_in(self) -> str:
        """An access token, which a whole hour of messages share."""
        async with self._signing_in:
            if time.monotonic() >= self._token_ends:
                form = {"grant_type": GRANT, "assertion": self._assertion()}
                answer = await self._post(str(self._account.token_uri), data=form)
                given = _object(answer)
                if not answer.is_success or "access_token" not in given:
                    raise DeliveryError(f"Google OAuth {answer.status_code}: {given.get('error')}")
                self._token = given["access_token"]
                self._token_ends = time.monotonic() + int(given.get("expires_in", HOUR)) - EARLY
            return self._token

    def _assertion(self) -> str:
        claims = {
            "iss": self._account.client_email,
            "scope": SCOPE,
            "aud": str(self._account.token_uri),
            "iat": int(time.time()),
            "exp": int(time.time()) + HOUR,
        }
        header = {"alg": "RS256", "kid": self._account.private_key_id}
        return jwt.encode(header, claims, self._account.key, algorithms=["RS256"])

    async def _post(self, url: str, **given: Any) -> httpx.Response:
        try:
            return await self._http.post(url, **given)
        except httpx.HTTPError as error:
            raise DeliveryError(f"No answer of Google: {type(error).__name__}") from error

    def _not_taken(self, answer: httpx.Response) -> DeliveryError:
        """What a refusal of FCM means.

        Source: https://firebase.google.com/docs/cloud-messaging/error-codes
        """
        code, about_token = _explained(answer)
        said = f"FCM {answer.status_code} {code}"
        if code in GONE or (code == "INVALID_ARGUMENT" and about_token):
            return InvalidRecipient(said)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token_ends = 0.0
            return DeliveryError(said)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            after = _retry_after(answer)
            if after is None and answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                after = PAUSE
            self._paused_until = time.monotonic() + (after or 0)
            return DeliveryError(said, after=after or 0)
        return Rejected(said)


class PushOutbox:
    """A folder of push messages that would have been sent, one `.json` file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, push: Push) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{push.id}.json"
        sent = {"to": f"{push.token[:12]}…", "sent_at": now().isoformat(), **push.message()}
        path.write_text(json.dumps(sent, indent=2))
        return path.name

    async def close(self) -> None:
        """There is nothing to close."""

    def latest(self, most: int = 20) -> Iterator[dict[str, str]]:
        """The newest first, as `id`, `channel`, `to`, `subject`, `body` and `sent_at`."""
        newest = sorted(self._folder.glob("*.json"), key=lambda path: path.name, reverse=True)
        for path in newest[:most]:
            sent = json.loads(path.read_text())
            yield {
                "id": path.stem,
                "channel": "Push",
                "to": sent["to"],
                "subject": sent["notification"]["title"],
                "body": sent["notification"]["body"],
                "sent_at": f"{datetime.fromisoformat(sent['sent_at']):%d %b %Y %H:%M} UTC",
            }


def pusher(settings: Settings) -> Pusher | None:
    """FCM if there is an account, the outbox in development, and else there is no push."""
    if settings.fcm_credentials:
        return Fcm(service_account.read(settings.fcm_credentials), settings.fcm_url)
    return PushOutbox(settings.outbox) if settings.development else None


def _object(answer: httpx.Response) -> dict[str, Any]:
    """What the answer says, if that is a JSON object."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _explained(answer: httpx.Response) -> tuple[str, bool]:
    """FCM's code of what went wrong, and whether it is the device's token that it finds wrong.

    A token that is none is told by a field, or by nothing but a sentence; a payload that is
    wrong has the same code, and no device must be forgotten for it.
    """
    error = _object(answer).get("error")
    error = error if isinstance(error, dict) else {}
    details = [detail for detail in error.get("details", []) if isinstance(detail, dict)]
    codes = [detail["errorCode"] for detail in details if "errorCode" in detail]
    fields = [one.get("field") for detail in details for one in detail.get("fieldViolations", [])]
    about_token = "message.token" in fields or "registration token" in error.get("message", "")
    return str((codes or [error.get("status", "")])[0]), about_token


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds to wait, of either form that RFC 9110, 10.2.3 has."""
    said = answer.headers.get("Retry-After", "")
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - now()).total_seconds())
    except (ValueError, TypeError):
        return None

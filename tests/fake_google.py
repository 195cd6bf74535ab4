"""A fake of Google's token endpoint and of FCM, as an HTTP server in a thread.

It grants a token for a JWT of the account's key, and answers as FCM's HTTP v1 API does.
Source: https://firebase.google.com/docs/cloud-messaging/error-codes
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.processes import free_port
from tests.threads import served

EMAIL = "push@haat-test.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
KEY = RSAKey.generate_key(2048)


def refusal(
    status: int, code: str, *, text: str = "", field: str = "", headers: Any = None
) -> Response:
    """Return an FCM error with its code and, if given, the field that it names."""
    details: list[dict[str, Any]] = [{"@type": FCM_ERROR, "errorCode": code}]
    if field:
        details.append({"@type": BAD_REQUEST, "fieldViolations": [{"field": field}]})
    error = {"code": status, "message": text, "status": code, "details": details}
    return JSONResponse({"error": error}, status, headers)


UNREGISTERED = refusal(404, "UNREGISTERED")
UNAVAILABLE = refusal(503, "UNAVAILABLE")


@dataclass
class FakeGoogle:
    """A project, the messages that it received, and the queued error responses per device token."""

    url: str
    account: Path
    project: str = "haat-test"
    token_seconds: int = 3600
    signs_in: bool = True
    sent: list[dict[str, Any]] = field(default_factory=list)
    refusals: dict[str, list[Response]] = field(default_factory=lambda: defaultdict(list))
    granted: list[str] = field(default_factory=list)
    asked: int = 0

    def save_account(self) -> None:
        account = {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": KEY.thumbprint(),
            "private_key": KEY.as_pem(private=True).decode(),
            "client_email": EMAIL,
            "token_uri": f"{self.url}/token",
        }
        self.account.write_text(json.dumps(account))

    async def token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        try:
            assertion = jwt.decode(form["assertion"][0], KEY, algorithms=["RS256"])
            self._ensure_sound(assertion.header, assertion.claims)
        except (JoseError, AssertionError, KeyError):
            return JSONResponse({"error": "invalid_grant"}, 400)
        if not self.signs_in:
            return JSONResponse({"error": "unauthorized_client"}, 401)
        self.granted.append(f"ya29.{len(self.granted)}")
        return JSONResponse({"access_token": self.granted[-1], "expires_in": self.token_seconds})

    async def send(self, request: Request) -> Response:
        self.asked += 1
        if request.headers.get("authorization") != f"Bearer {(self.granted or [''])[-1]}":
            return refusal(401, "UNAUTHENTICATED")
        message = (await request.json())["message"]
        _ensure_fit(message)
        if waiting := self.refusals[message["token"]]:
            return waiting.pop(0)
        self.sent.append(message)
        return JSONResponse({"name": f"projects/{self.project}/messages/{len(self.sent)}"})

    def app(self) -> Starlette:
        path = f"/v1/projects/{self.project}/messages:send"
        routes = [Route("/token", self.token, methods=["POST"])]
        return Starlette(routes=[*routes, Route(path, self.send, methods=["POST"])])

    def _ensure_sound(self, header: dict[str, Any], claims: dict[str, Any]) -> None:
        assert header["kid"] == KEY.thumbprint()
        assert (claims["iss"], claims["scope"]) == (EMAIL, SCOPE)
        assert claims["aud"] == f"{self.url}/token"
        assert claims["iat"] <= time.time() + 60 < claims["exp"] <= claims["iat"] + 3600


def _ensure_fit(message: dict[str, Any]) -> None:
    """Assert the limits that FCM enforces."""
    assert set(message) == {"token", "notification", "data", "android", "apns", "webpush"}
    assert all(isinstance(value, str) for value in message["data"].values())
    assert len(message["apns"]["headers"]["apns-collapse-id"]) <= 64
    assert len(message["webpush"]["headers"]["Topic"]) <= 32
    assert len(json.dumps([message["data"], message["notification"]])) <= 4096


@contextmanager
def answering(folder: Path) -> Iterator[FakeGoogle]:
    """Google at an address of this machine."""
    port = free_port()
    google = FakeGoogle(f"http://127.0.0.1:{port}", folder / "account.json")
    google.save_account()
    with served(google.app(), port):
        yield google

"""Calls of the Stripe face: authentication, parameters, idempotency keys, faults and answers."""

import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, get_type_hints

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from payments_stand_in.lost import LostAnswer
from payments_stand_in.state import PUBLISHABLE_KEY, StandIn
from payments_stand_in.store import Json, NoSuchObject, new_id, visible
from payments_stand_in.stripe import params
from payments_stand_in.stripe.expanding import expand
from payments_stand_in.stripe.multipart import read_multipart
from payments_stand_in.stripe.refusals import Refused, invalid

MAX_KEY_LENGTH = 255
MAX_BODY, MAX_UPLOAD = 256 * 1024, 6_000_000
FAILED = {"error": {"type": "api_error", "message": "An unknown error occurred."}}
LIMITED = {
    "error": {
        "type": "invalid_request_error",
        "code": "rate_limit",
        "message": "Request rate limit exceeded.",
    }
}
NO_ACCOUNT = {
    "error": {
        "type": "invalid_request_error",
        "code": "account_invalid",
        "message": "The provided key does not have access to this account.",
    }
}
KEY_IN_USE = {
    "error": {
        "type": "idempotency_error",
        "code": "idempotency_key_in_use",
        "message": "There is currently another in-progress request using this Idempotent Key.",
    }
}
KEY_REUSED = {
    "error": {
        "type": "idempotency_error",
        "message": "Keys for idempotent requests can only be used with the same parameters they"
        " were first used with.",
    }
}


@dataclass(frozen=True)
class StripeCall:
    """A call: the stand-in, the ids of its path, and the account for which it is made."""

    stand_in: StandIn
    id: str
    account: str | None
    key: str | None
    publishable: bool
    client_secret: str | None

    def check_secret(self, object: Json) -> None:
        """Refuse clients that do not know the secret of an intent."""
        given = self.client_secret
        if (self.publishable or given) and given != object["client_secret"]:
            text = f"The client_secret provided does not match the {object['object']}."
            raise invalid("client_secret", f"{object['object']}_invalid_parameter", text)


@dataclass(frozen=True)
class Operation:
    """The operation of a path: its function, the type of its parameters and those it knows."""

    run: Callable[[StripeCall, Any], Json]
    params: type
    supported: frozenset[str]
    for_clients: bool

    @classmethod
    def of(
        cls, run: Callable[[StripeCall, Any], Json], supported: str, *, for_clients: bool
    ) -> Self:
        """Return an operation. The type of its parameters is that of its second argument."""
        hints = get_type_hints(run)
        params: type = list(hints.values())[1]
        return cls(run, params, frozenset({"expand", *supported.split()}), for_clients)

    def answer(self, call: StripeCall, form: Mapping[str, Any]) -> tuple[int, Json, bool]:
        """Return the status, the body, and whether they are kept under the idempotency key."""
        try:
            given: Any = params.read(self.params, form, self.supported)
            answered = self.run(call, given)
            return 200, expand(call.stand_in.store, visible(answered), form.get("expand")), True
        except NoSuchObject as error:
            missing = Refused("resource_missing", str(error), status=404, param="id")
            return missing.status, missing.body, True
        except Refused as error:
            return error.status, visible(error.body), error.kept


def endpoint(stand_in: StandIn, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    """Return the ASGI endpoint of an operation."""

    async def answer(request: Request) -> Response:
        try:
            form = await _read_form(request)
            call = _read_call(stand_in, request, form, for_clients=operation.for_clients)
        except Refused as error:
            return _response(error.status, error.body)
        except NoSuchObject:
            return _response(403, NO_ACCOUNT)
        if request.method == "GET":
            await stand_in.controls.pause()
            return _response(*operation.answer(call, form)[:2])
        return await _change(operation, call, form, request.url.path)

    return answer


async def _read_form(request: Request) -> dict[str, Any]:
    """Return the parameters of a query, a form, or a form with files."""
    if request.method == "GET":
        return params.parse_form(request.url.query)
    body, content_type = await request.body(), request.headers.get("content-type", "")
    has_files = content_type.startswith("multipart/form-data")
    if len(body) > (MAX_UPLOAD if has_files else MAX_BODY):
        raise Refused("request_too_large", "Request is too large.", status=413, kept=False)
    if has_files:
        return read_multipart(content_type, body)
    return params.parse_form(body.decode() if body else request.url.query)


def _read_call(
    stand_in: StandIn, request: Request, form: dict[str, Any], *, for_clients: bool
) -> StripeCall:
    key = _key_of(request.headers.get("authorization", ""))
    secret, publishable = key.startswith("sk_test_"), key == PUBLISHABLE_KEY
    if not (secret or (publishable and for_clients)):
        text = "Invalid API Key provided: the stand-in takes keys that begin with sk_test_."
        raise Refused(None, text, status=401, kept=False)
    account = request.headers.get("stripe-account")
    if account:
        stand_in.store.get("account", account)
    return StripeCall(
        stand_in,
        request.path_params.get("id", ""),
        account,
        request.headers.get("idempotency-key", "")[:MAX_KEY_LENGTH] or None,
        publishable,
        form.pop("client_secret", None) if for_clients else None,
    )


def _key_of(authorization: str) -> str:
    """Return the API key, which is a bearer token or the user of basic authentication."""
    scheme, _, given = authorization.partition(" ")
    if scheme != "Basic":
        return given
    try:
        return b64decode(given, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""


async def _change(
    operation: Operation, call: StripeCall, form: Mapping[str, Any], path: str
) -> Response:
    """Do what a call asks for once per idempotency key."""
    stand_in, controls = call.stand_in, call.stand_in.controls
    if controls.takes("refuse_connection", path):
        return LostAnswer()
    if controls.takes("limit", path):
        return _response(429, LIMITED)
    key = f"stripe {call.account or ''} {call.key}" if call.key else ""
    fingerprint = json.dumps([path, form], sort_keys=True)
    lost = controls.takes("lose", path)
    if key in stand_in.answers:
        return LostAnswer() if lost else _replay(*stand_in.answers[key], fingerprint)
    if key:
        stand_in.keep_answer(key, fingerprint, None)
    try:
        await controls.pause()
        status, body, kept = _do(operation, call, form, path)
    except BaseException:
        stand_in.answers.pop(key, None)
        raise
    if key and kept:
        stand_in.keep_answer(key, fingerprint, (status, body))
    else:
        stand_in.answers.pop(key, None)
    return LostAnswer() if lost else _response(status, body)


def _replay(before: str, answer: tuple[int, Json] | None, fingerprint: str) -> Response:
    """Return the kept answer, or why there is none for this call."""
    if before != fingerprint:
        return _response(400, KEY_REUSED)
    return _response(*answer, replayed=True) if answer else _response(409, KEY_IN_USE)


def _do(
    operation: Operation, call: StripeCall, form: Mapping[str, Any], path: str
) -> tuple[int, Json, bool]:
    controls = call.stand_in.controls
    if controls.takes("fail", path):
        return 500, FAILED, True
    status, body, kept = operation.answer(call, form)
    if controls.takes("fail_after", path):
        return 500, FAILED, True
    return status, body, kept


def _response(status: int, body: Json, *, replayed: bool = False) -> Response:
    headers = {"Request-Id": new_id("req")}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    if status >= 500:
        headers["Stripe-Should-Retry"] = "false"  # the same answer would come again
    return JSONResponse(body, status, headers)

"""Calls of the Paystack face: authentication, JSON in, faults, and answers in its envelope."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from payments_stand_in.controls import Controls
from payments_stand_in.lost import LostAnswer
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json, NoSuchObject, visible

ACCOUNT = "paystack"  # whose balance it is in the books
MAX_BODY = 256 * 1024
MAX_PAGE = 100
FAILED = {"status": False, "message": "An error occurred", "type": "api_error"}
NUMBERS = count(time.time_ns() // 1_000_000)  # ids, also after a restart


class PaystackRefused(Exception):
    """An error answer of Paystack."""

    def __init__(self, message: str, code: str = "unprocessed", status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"status": False, "message": message, "code": code, "type": "validation_error"}


@dataclass(frozen=True)
class PaystackCall:
    """A call: the stand-in, the id of its path, its body and its query."""

    stand_in: StandIn
    id: str
    body: Json
    query: Json

    def find(self, kind: str, message: str, code: str) -> Json:
        """Return an object by the id of the path. Raises `PaystackRefused`."""
        try:
            return self.stand_in.store.get(f"paystack_{kind}", self.id)
        except NoSuchObject:
            raise PaystackRefused(message, code, 404) from None


@dataclass(frozen=True)
class PaystackAnswer:
    """The message, the data and the position in a list of an answer."""

    message: str
    data: Any
    meta: Json | None = None


Run = Callable[[PaystackCall], PaystackAnswer]


def endpoint(stand_in: StandIn, run: Run) -> Callable[[Request], Awaitable[Response]]:
    """Return the ASGI endpoint of an operation."""

    async def answer(request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key.startswith("sk_test_"):
            return JSONResponse({"status": False, "message": "Invalid key"}, 401)
        controls, path = stand_in.controls, request.url.path
        is_change = request.method != "GET"
        if is_change and (fault := _fault_before(controls, path)):
            return fault
        lost = is_change and controls.takes("lose", path)
        await controls.pause()
        done = await _do(stand_in, run, request)
        if is_change and controls.takes("fail_after", path):
            return JSONResponse(FAILED, 500)
        return LostAnswer() if lost else done

    return answer


def _fault_before(controls: Controls, path: str) -> Response | None:
    """Return the fault that keeps a call from being done, if there is one."""
    if controls.takes("refuse_connection", path):
        return LostAnswer()
    if controls.takes("limit", path):
        return JSONResponse({"status": False, "message": "Too many requests"}, 429)
    return JSONResponse(FAILED, 500) if controls.takes("fail", path) else None


async def _do(stand_in: StandIn, run: Run, request: Request) -> Response:
    raw = await request.body()
    try:
        if len(raw) > MAX_BODY:
            raise PaystackRefused("The body is too large", status=413)
        body = json.loads(raw) if raw else {}
        id = request.path_params.get("id", "")
        answered = run(PaystackCall(stand_in, id, body, dict(request.query_params)))
    except PaystackRefused as error:
        return JSONResponse(error.body, error.status)
    except ValidationError as error:
        first = error.errors()[0]
        text = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        return JSONResponse(PaystackRefused(text, "invalid_params").body, 400)
    except ValueError:
        return JSONResponse(PaystackRefused("Invalid JSON", "invalid_params").body, 400)
    body = {"status": True, "message": answered.message, "data": visible(answered.data)}
    if answered.meta is not None:
        body["meta"] = answered.meta
    return JSONResponse(body)


class PagePosition(BaseModel, extra="ignore"):
    """Position in a list."""

    page: int = 1
    size: int = Field(50, alias="perPage")


def listing(
    call: PaystackCall, kind: str, matches: Callable[[Json], bool] = lambda _: True
) -> PaystackAnswer:
    """Return a page of a list, the newest first, made since the parameter `from`."""
    asked, since = PagePosition.model_validate(call.query), str(call.query.get("from", ""))
    size = max(1, min(asked.size, MAX_PAGE))
    found = [
        one
        for one in call.stand_in.store.newest(f"paystack_{kind}")
        if matches(one) and one["createdAt"] >= since
    ]
    start = (max(asked.page, 1) - 1) * size
    pages = -(-len(found) // size)
    meta = {"total": len(found), "perPage": size, "page": asked.page, "pageCount": pages}
    return PaystackAnswer(
        f"{kind.title()}s retrieved", list(islice(found, start, start + size)), meta
    )

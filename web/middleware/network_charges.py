"""Charges the networks of those who load files and pages, in points, and answers in plain text."""

import math
from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.limits import keys
from core.limits.buckets import TokenBucket
from core.limits.keys import LimitKey
from core.redis.timeouts import RedisAllowance
from core.sizes import MEGABYTE
from engine.context import AppState
from web.caller_address import caller_address

REQUEST_COST = 1
# Reading, compressing and sending a page or an asset takes 2 to 3 ms of a core.
PAGE_COST = 20
POINTS_PER_MEGABYTE = 10


class PageCharge:
    """ASGI middleware that charges the network of the caller for a page or an asset."""

    def __init__(self, inner: ASGIApp, app: AppState) -> None:
        self._inner = inner
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = await charge_network(self._app, Request(scope), PAGE_COST)
        await (refused or self._inner)(scope, receive, send)


async def charge_network(app: AppState, request: Request, cost: int) -> Response | None:
    """Charge the caller's network. Returns the answer if it has too few points, else None."""
    network = keys.of_network(caller_address(request.scope))
    return await _charge(app, network, app.settings.anonymous_bucket, cost)


async def charge_owner(app: AppState, owner_id: UUID, cost: int) -> Response | None:
    """Charge a user, as `charge_network` does."""
    return await _charge(app, keys.of_user(owner_id), app.settings.user_bucket, cost)


def transfer_cost(size: int) -> int:
    """Return the points for so many bytes: one for each started tenth of a megabyte."""
    return math.ceil(size * POINTS_PER_MEGABYTE / MEGABYTE)


def text_error(status: int, message: str) -> Response:
    """Close the connection as well, so that the rest of a body is not read."""
    headers = {"Cache-Control": "no-store", "Connection": "close"}
    return PlainTextResponse(message, status, headers)


async def _charge(app: AppState, key: LimitKey, bucket: TokenBucket, cost: int) -> Response | None:
    charge = await app.limits.charge({key: bucket}, cost, RedisAllowance())
    if charge.allowed:
        return None
    response = text_error(429, "Too many requests. Try again later.")
    response.headers["Retry-After"] = str(charge.wait_seconds)
    return response

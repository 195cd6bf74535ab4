"""Upload and download of objects in the local folder, through signed links.

A file that a browser renders from this origin could act as one of our pages, so the responses
forbid that.
"""

import asyncio
import math
from typing import Any
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.errors import Unavailable
from core.limits import keys
from core.limits.buckets import TokenBucket
from core.limits.keys import LimitKey
from core.outages import DATABASE_ERRORS
from core.redis_timeouts import RedisAllowance
from core.sizes import MEGABYTE
from engine.context import AppState
from gateways.storage.base import StorageOutOfSpace, StorageUnreachable
from gateways.storage.local import PATH, InvalidLink, LocalStorage
from services.uploads.transfers import end_transfer, start_transfer, transfer_seconds
from web.caller_address import caller_address

HEADERS = {
    "Cache-Control": "private, max-age=900",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
REQUEST_COST = 1  # points of the rate limit
COST_PER_MEGABYTE = 10


def routes(app: AppState) -> list[Route]:
    """Return no route if clients access the storage directly."""
    storage = app.objects
    if not isinstance(storage, LocalStorage):
        return []
    transfers = FileTransfers(app, storage)
    return [Route(PATH, transfers.handle, methods=["GET", "PUT"])]


class FileTransfers:
    """Checks links and charges callers: the owner for an upload, else the network."""

    def __init__(self, app: AppState, storage: LocalStorage) -> None:
        self._app = app
        self._storage = storage

    async def handle(self, request: Request) -> Response:
        address = caller_address(request.scope)
        if refused := await self._charge_network(address, REQUEST_COST):
            return refused
        method = "GET" if request.method == "HEAD" else request.method
        try:
            claims = self._storage.verify_link(request.query_params.get("link", ""), method)
        except InvalidLink:
            return _error(403, "The link is invalid, expired, or for another method.")
        if method == "GET":
            return await self._download(request, claims, address)
        if problem := _find_mismatch(request, claims):
            return _error(403, problem)
        return await self._upload(request, claims)

    async def _upload(self, request: Request, claims: dict[str, Any]) -> Response:
        try:
            return await self._receive(request, claims)
        except TimeoutError:
            return _error(408, "The file was not received in time. Send it again.")
        except StorageOutOfSpace:
            return _error(507, "The storage is full. Try again later.")
        except (StorageUnreachable, *DATABASE_ERRORS):
            response = _error(503, "The server cannot store the file. Try again in a moment.")
            response.headers["Retry-After"] = str(Unavailable.seconds)
            return response

    async def _receive(self, request: Request, claims: dict[str, Any]) -> Response:
        """Receive a file under the lease of its link."""
        size, id = claims["size"], UUID(claims["key"].rpartition("/")[2])
        seconds = transfer_seconds(size)
        async with self._app.transactions.begin() as session:
            owner_id = await start_transfer(session, id, seconds)
        if owner_id is None:
            return _error(409, "The link was used, or is in use. Call `finishUpload`.")
        received = False
        try:
            if refused := await self._charge_owner(owner_id, _cost(size)):
                return refused
            async with asyncio.timeout(seconds):
                received = await self._storage.receive(claims["key"], request.stream(), size)
        except ClientDisconnect:
            received = False
        finally:
            async with self._app.transactions.begin() as session:
                await end_transfer(session, id, received=received)
        return Response() if received else _error(403, _exactly(size))

    async def _download(self, request: Request, claims: dict[str, Any], address: str) -> Response:
        path = self._storage.path(claims["key"])
        if not path.is_file():
            return _error(404, "The file no longer exists.")
        if request.method != "HEAD":
            refused = await self._charge_network(address, _cost(path.stat().st_size))
            if refused:
                return refused
        headers = HEADERS | {"Content-Disposition": claims["disposition"]}
        return FileResponse(path, headers=headers, media_type=claims["type"])

    async def _charge_network(self, address: str, cost: int) -> Response | None:
        bucket = self._app.settings.anonymous_bucket
        return await self._charge(keys.of_network(address), bucket, cost)

    async def _charge_owner(self, owner_id: UUID, cost: int) -> Response | None:
        return await self._charge(keys.of_user(owner_id), self._app.settings.user_bucket, cost)

    async def _charge(self, key: LimitKey, bucket: TokenBucket, cost: int) -> Response | None:
        """Charge a bucket. Returns the response if it is too full, else None."""
        charge = await self._app.limits.charge({key: bucket}, cost, RedisAllowance())
        if charge.allowed:
            return None
        response = _error(429, "Too many requests. Try again later.")
        response.headers["Retry-After"] = str(charge.wait_seconds)
        return response


def _find_mismatch(request: Request, claims: dict[str, Any]) -> str | None:
    if request.headers.get("content-type") != claims["type"]:
        return f"This link accepts only {claims['type']}."
    length = request.headers.get("content-length", str(claims["size"]))
    return _exactly(claims["size"]) if length != str(claims["size"]) else None


def _exactly(size: int) -> str:
    return f"This link accepts exactly {size} bytes."


def _cost(size: int) -> int:
    return COST_PER_MEGABYTE * math.ceil(size / MEGABYTE)


def _error(status: int, message: str) -> Response:
    """Close the connection as well, so that the rest of the body is not read."""
    headers = {"Cache-Control": "no-store", "Connection": "close"}
    return PlainTextResponse(message, status, headers)

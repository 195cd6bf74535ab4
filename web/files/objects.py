"""Upload and download of objects in the local folder, through signed links.

A file that a browser renders from this origin could act as one of our pages, so the responses
forbid that.
"""

import asyncio
from typing import Any
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.errors import Unavailable
from core.outages import DATABASE_ERRORS
from engine.context import AppState
from gateways.storage.base import StorageOutOfSpace, StorageUnreachable
from gateways.storage.local import PATH, InvalidLink, LocalStorage
from services.uploads.transfers import end_transfer, start_transfer, transfer_seconds
from web.middleware.network_charges import (
    REQUEST_COST,
    charge_network,
    charge_owner,
    text_error,
    transfer_cost,
)

HEADERS = {
    "Cache-Control": "private, max-age=900",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


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
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        method = "GET" if request.method == "HEAD" else request.method
        try:
            claims = self._storage.verify_link(request.query_params.get("link", ""), method)
        except InvalidLink:
            return text_error(403, "The link is invalid, expired, or for another method.")
        if method == "GET":
            return await self._download(request, claims)
        if problem := _find_mismatch(request, claims):
            return text_error(403, problem)
        return await self._upload(request, claims)

    async def _upload(self, request: Request, claims: dict[str, Any]) -> Response:
        try:
            return await self._receive(request, claims)
        except TimeoutError:
            return text_error(408, "The file was not received in time. Send it again.")
        except StorageOutOfSpace:
            return text_error(507, "The storage is full. Try again later.")
        except (StorageUnreachable, *DATABASE_ERRORS):
            response = text_error(503, "The server cannot store the file. Try again in a moment.")
            response.headers["Retry-After"] = str(Unavailable.seconds)
            return response

    async def _receive(self, request: Request, claims: dict[str, Any]) -> Response:
        """Receive a file under the lease of its link."""
        size, id = claims["size"], UUID(claims["key"].rpartition("/")[2])
        seconds = transfer_seconds(size)
        async with self._app.transactions.begin() as session:
            owner_id = await start_transfer(session, id, seconds)
        if owner_id is None:
            return text_error(409, "The link was used, or is in use. Call `finishUpload`.")
        received = False
        try:
            if refused := await charge_owner(self._app, owner_id, transfer_cost(size)):
                return refused
            async with asyncio.timeout(seconds):
                received = await self._storage.receive(claims["key"], request.stream(), size)
        except ClientDisconnect:
            received = False
        finally:
            async with self._app.transactions.begin() as session:
                await end_transfer(session, id, received=received)
        return Response() if received else text_error(403, _exactly(size))

    async def _download(self, request: Request, claims: dict[str, Any]) -> Response:
        path = self._storage.path(claims["key"])
        if not path.is_file():
            return text_error(404, "The file no longer exists.")
        if request.method != "HEAD":
            cost = transfer_cost(path.stat().st_size)
            if refused := await charge_network(self._app, request, cost):
                return refused
        headers = HEADERS | {"Content-Disposition": claims["disposition"]}
        return FileResponse(path, headers=headers, media_type=claims["type"])


def _find_mismatch(request: Request, claims: dict[str, Any]) -> str | None:
    if request.headers.get("content-type") != claims["type"]:
        return f"This link accepts only {claims['type']}."
    length = request.headers.get("content-length", str(claims["size"]))
    return _exactly(claims["size"]) if length != str(claims["size"]) else None


def _exactly(size: int) -> str:
    return f"This link accepts exactly {size} bytes."

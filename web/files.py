"""Upload and download of objects in the local folder, through signed links.

A file that a browser renders from this origin could act as one of our pages, so the responses
forbid that.
"""

from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateways.storage.base import ObjectStorage
from gateways.storage.local import PATH, InvalidLink, LocalStorage

HEADERS = {
    "Cache-Control": "private, max-age=900",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def routes(storage: ObjectStorage) -> list[Route]:
    """Return no route if clients access the storage directly."""
    if not isinstance(storage, LocalStorage):
        return []

    async def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        try:
            claims = storage.verify_link(request.query_params.get("link", ""), method)
        except InvalidLink:
            return _error(403, "The link is invalid, expired, or for another method.")
        if method == "PUT":
            return await _upload(storage, request, claims)
        return _download(storage, claims)

    return [Route(PATH, handle, methods=["GET", "PUT"])]


async def _upload(storage: LocalStorage, request: Request, claims: dict[str, Any]) -> Response:
    if request.headers.get("content-type") != claims["type"]:
        return _error(403, f"This link accepts only {claims['type']}.")
    length = request.headers.get("content-length", str(claims["size"]))
    if length != str(claims["size"]):
        return _error(403, f"This link accepts exactly {claims['size']} bytes.")
    try:
        complete = await storage.receive(claims["key"], request.stream(), claims["size"])
    except ClientDisconnect:
        complete = False
    if not complete:
        return _error(403, f"This link accepts exactly {claims['size']} bytes.")
    return Response()


def _download(storage: LocalStorage, claims: dict[str, Any]) -> Response:
    path = storage.path(claims["key"])
    if not path.is_file():
        return _error(404, "The file no longer exists.")
    headers = HEADERS | {"Content-Disposition": claims["disposition"]}
    return FileResponse(path, headers=headers, media_type=claims["type"])


def _error(status: int, message: str) -> Response:
    """Close the connection as well, so that the rest of the body is not read."""
    headers = {"Cache-Control": "no-store", "Connection": "close"}
    return PlainTextResponse(message, status, headers)

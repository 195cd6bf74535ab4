"""Objects of the local folder, sent and fetched by the links that it signs.

A page that is fetched from here could act as one of ours, so nothing is served as one.
"""

from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateways.storage.base import ObjectStorage
from gateways.storage.local import PATH, BadLink, Folder

SERVED = {
    "Cache-Control": "private, max-age=900",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def routes(objects: ObjectStorage) -> list[Route]:
    """None for a store that clients reach by themselves."""
    if not isinstance(objects, Folder):
        return []

    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        try:
            allowed = objects.allowed(request.query_params.get("link", ""), method)
        except BadLink:
            return _refusal(403, "This is no link of ours for that, or it has ended.")
        if method == "PUT":
            return await _receive(objects, request, allowed)
        return _serve(objects, allowed)

    return [Route(PATH, answer, methods=["GET", "PUT"])]


async def _receive(objects: Folder, request: Request, allowed: dict[str, Any]) -> Response:
    if request.headers.get("content-type") != allowed["type"]:
        return _refusal(403, f"This link is for {allowed['type']}.")
    length = request.headers.get("content-length", str(allowed["size"]))
    if length != str(allowed["size"]):
        return _refusal(403, f"This link is for {allowed['size']} bytes.")
    try:
        whole = await objects.receive(allowed["key"], request.stream(), allowed["size"])
    except ClientDisconnect:
        whole = False
    return Response() if whole else _refusal(403, f"This link is for {allowed['size']} bytes.")


def _serve(objects: Folder, allowed: dict[str, Any]) -> Response:
    path = objects.path(allowed["key"])
    if not path.is_file():
        return _refusal(404, "There is nothing here any more.")
    headers = SERVED | {"Content-Disposition": allowed["disposition"]}
    return FileResponse(path, headers=headers, media_type=allowed["type"])


def _refusal(status: int, said: str) -> Response:
    """The rest of a body that nobody wants is not read."""
    return PlainTextResponse(said, status, {"Cache-Control": "no-store", "Connection": "close"})

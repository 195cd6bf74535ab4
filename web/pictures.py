"""Public pictures under stable URLs, which browsers and proxies may cache.

The name in the URL is the object's: a random id and the hash of the content. Only pictures have
such keys, so no private file has a URL here. A picture that was removed is not found.
"""

import re

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core.limits import keys
from core.redis_timeouts import RedisAllowance
from engine.context import AppState
from gateways.storage.base import LINK_SECONDS, DownloadOptions
from gateways.storage.local import LocalStorage
from models.uploads import FILE_EXTENSIONS, IMAGE_TYPES, PICTURES_PATH, public_key
from web.caller_address import caller_address

NAME = re.compile(r"(?P<name>[0-9a-f-]{36}-[0-9a-f]{64})(?P<extension>\.[a-z]{3,4})")
TYPES = {FILE_EXTENSIONS[type][0]: type for type in IMAGE_TYPES}
PICTURE_COST = 1  # points of the rate limit: a page shows dozens
MAX_AGE_SECONDS = 86_400  # how long a removed picture may still be seen
HEADERS = {
    "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def routes(app: AppState) -> list[Route]:
    return [Route(f"{PICTURES_PATH}/{{name}}", PublicPictures(app).show, methods=["GET"])]


class PublicPictures:
    """Serves pictures from the local folder, and redirects to a bucket."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def show(self, request: Request) -> Response:
        if refused := await self._charge(caller_address(request.scope)):
            return refused
        found = NAME.fullmatch(request.path_params["name"])
        type = TYPES.get(found["extension"]) if found else None
        if found is None or type is None:
            return _error(404, "The picture does not exist.")
        key, storage = public_key(found["name"]), self._app.objects
        if not isinstance(storage, LocalStorage):
            options = DownloadOptions(type, found[0], inline=True)
            link = await storage.create_download_link(key, options)
            age = f"public, max-age={LINK_SECONDS // 2}"
            return RedirectResponse(link, 302, HEADERS | {"Cache-Control": age})
        path = storage.path(key)
        if not path.is_file():
            return _error(404, "The picture does not exist.")
        return FileResponse(path, headers=HEADERS, media_type=type)

    async def _charge(self, address: str) -> Response | None:
        bucket = {keys.of_network(address): self._app.settings.anonymous_bucket}
        charge = await self._app.limits.charge(bucket, PICTURE_COST, RedisAllowance())
        if charge.allowed:
            return None
        refused = _error(429, "Too many requests. Try again later.")
        refused.headers["Retry-After"] = str(charge.wait_seconds)
        return refused


def _error(status: int, message: str) -> Response:
    return PlainTextResponse(message, status, {"Cache-Control": "no-store"})

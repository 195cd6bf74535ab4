"""Public pictures under stable URLs, which browsers and proxies may cache.

The name in the URL is the object's: a random id, the width if it is a size of a picture, and the
hash of the content. Only pictures have such keys, so no private file has a URL here. A picture that
was removed is not found.
"""

import re

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from engine.context import AppState
from gateways.storage.base import LINK_SECONDS, DownloadOptions
from gateways.storage.local import LocalStorage
from models.pictures import SIZE_EXTENSIONS, size_key
from models.uploads import FILE_EXTENSIONS, IMAGE_TYPES, PICTURES_PATH, public_key
from web.middleware.network_charges import REQUEST_COST, charge_network, text_error, transfer_cost

NAME = re.compile(
    r"(?P<name>[0-9a-f-]{36}-(?P<width>\d{1,4}-)?[0-9a-f]{64})(?P<extension>\.[a-z]{3,4})"
)
TYPES = {FILE_EXTENSIONS[type][0]: type for type in IMAGE_TYPES}
SIZE_TYPES = {extension: type for type, extension in SIZE_EXTENSIONS.items()}
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
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        found = NAME.fullmatch(request.path_params["name"])
        is_size = found is not None and found["width"] is not None
        type = (SIZE_TYPES if is_size else TYPES).get(found["extension"]) if found else None
        if found is None or type is None:
            return text_error(404, "The picture does not exist.")
        key = (size_key if is_size else public_key)(found["name"])
        storage = self._app.objects
        if not isinstance(storage, LocalStorage):
            options = DownloadOptions(type, found[0], inline=True)
            link = await storage.create_download_link(key, options)
            age = f"public, max-age={LINK_SECONDS // 2}"
            return RedirectResponse(link, 302, HEADERS | {"Cache-Control": age})
        path = storage.path(key)
        if not path.is_file():
            return text_error(404, "The picture does not exist.")
        if request.method != "HEAD":
            cost = transfer_cost(path.stat().st_size)
            if refused := await charge_network(self._app, request, cost):
                return refused
        return FileResponse(path, headers=HEADERS, media_type=type)

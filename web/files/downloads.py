"""Files that were bought, by links of `createDownloadLink`.

A link alone permits nothing: each request is checked against the right of the buyer, which can be
revoked while a link lasts. Ranges and repeated requests of one link count as one download.
"""

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from core.outages import DATABASE_ERRORS
from engine.context import AppState
from gateways.storage.base import DownloadOptions, StorageUnreachable
from gateways.storage.local import LocalStorage
from models.downloads.grants import DownloadOutcome
from models.errors import NotFound
from services.downloads.serving.copies import forget_copy, make_copy_later
from services.downloads.serving.links import PATH, DownloadLink
from services.downloads.serving.uses import Downloader, ServedFile, find_file, take_download
from web.caller_address import caller_address
from web.files.signed_files import PRIVATE_HEADERS, invalid_link, unavailable
from web.middleware.network_charges import REQUEST_COST, charge_network, text_error, transfer_cost

OBJECT_SECONDS = 60  # of the link to the bucket that a request is redirected to
HEADERS = PRIVATE_HEADERS | {"Referrer-Policy": "no-referrer"}
REFUSED = {
    DownloadOutcome.USED_UP: "This file was downloaded as often as it can be.",
    DownloadOutcome.EXPIRED: "The time to download this file is over.",
    DownloadOutcome.REVOKED: "This file was refunded or taken back.",
}


def routes(app: AppState) -> list[Route]:
    return [Route(f"{PATH}/{{token}}", Downloads(app).serve, methods=["GET"])]


class Downloads:
    """Checks a link and the right behind it, counts the link, and serves the file."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def serve(self, request: Request) -> Response:
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        try:
            link = DownloadLink.read(self._app.keys, request.path_params["token"])
        except NotFound:
            return invalid_link()
        try:
            return await self._serve(request, link)
        except NotFound:
            return text_error(404, "The file no longer exists.")
        except (StorageUnreachable, *DATABASE_ERRORS):
            return unavailable("The file cannot be served now. Try again in a moment.")

    async def _serve(self, request: Request, link: DownloadLink) -> Response:
        """Serve a file that is there. A HEAD request shows its size, and counts nothing."""
        async with self._app.database.session() as session:
            file = await find_file(session, link)
        if not file.has_ended and not (file.is_ready and self._is_there(file)):
            return await self._prepare(link, file)
        if request.method != "HEAD" or file.has_ended:
            if refused := await self._charge(request, file):
                return refused
            caller = Downloader(
                caller_address(request.scope), request.headers.get("user-agent", "")
            )
            async with self._app.transactions.begin() as session:
                outcome = await take_download(session, link, caller)
            if outcome is not DownloadOutcome.SERVED:
                return text_error(410, REFUSED[outcome])
        return await self._respond(file)

    def _is_there(self, file: ServedFile) -> bool:
        storage = self._app.objects
        return not isinstance(storage, LocalStorage) or storage.path(file.key).is_file()

    async def _prepare(self, link: DownloadLink, file: ServedFile) -> Response:
        """Have a copy made that is missing. The file of a vendor that is missing is lost."""
        if file.is_ready and not file.is_copy:
            raise NotFound
        ask = forget_copy if file.is_ready else make_copy_later
        async with self._app.transactions.begin() as session:
            await ask(session, link.grant_id)
        return unavailable("Your copy of this file is being made. Try again in a moment.")

    async def _charge(self, request: Request, file: ServedFile) -> Response | None:
        """Charge the network for the bytes that this server sends."""
        storage = self._app.objects
        if file.has_ended or not isinstance(storage, LocalStorage):
            return None
        size = storage.path(file.key).stat().st_size
        return await charge_network(self._app, request, transfer_cost(size))

    async def _respond(self, file: ServedFile) -> Response:
        options = DownloadOptions(file.content_type, file.file_name, inline=False)
        storage = self._app.objects
        if isinstance(storage, LocalStorage):
            headers = HEADERS | {"Content-Disposition": options.disposition}
            path = storage.path(file.key)
            return FileResponse(path, headers=headers, media_type=file.content_type)
        link = await storage.create_download_link(file.key, options, OBJECT_SECONDS)
        return RedirectResponse(link, 302, HEADERS)

"""Files of payouts for banks, made when they are downloaded, and never stored.

They hold numbers of accounts, so nothing keeps them, and a browser runs nothing in them.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import Unavailable
from core.outages import DATABASE_ERRORS
from engine.context import AppState
from gateways.storage.base import DownloadOptions
from models.errors import NotFound, Refusal
from services.payouts.files.files import read_bank_file
from services.payouts.files.links import PATH, PayoutFileLink
from web.network_charges import REQUEST_COST, charge_network, charge_owner, text_error

FILE_COST = 100
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, PayoutFiles(app).show, methods=["GET"])]


class PayoutFiles:
    """Checks the link, the points and the rights of its admin, and makes the file."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def show(self, request: Request) -> Response:
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        try:
            link = PayoutFileLink.read(self._app.keys, request.query_params.get("link", ""))
        except NotFound:
            return text_error(403, "The link is invalid or expired. Ask for a new one.")
        if refused := await charge_owner(self._app, link.user_id, FILE_COST):
            return refused
        try:
            return await self._make(link)
        except Refusal:
            return text_error(404, "There is no such file for you.")
        except DATABASE_ERRORS:
            response = text_error(503, "The file cannot be made now. Try again in a moment.")
            response.headers["Retry-After"] = str(Unavailable.seconds)
            return response

    async def _make(self, link: PayoutFileLink) -> Response:
        async with self._app.database.session() as session:
            file = await read_bank_file(
                session,
                self._app.sealer,
                self._app.settings,
                user_id=link.user_id,
                file_id=link.file_id,
            )
        disposition = DownloadOptions(file.media_type, file.name, inline=False).disposition
        headers = HEADERS | {"Content-Disposition": disposition}
        return Response(file.content, headers=headers, media_type=file.media_type)

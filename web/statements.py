"""Statements as CSV and PDF, made when they are downloaded, and never stored.

They show the business of a vendor, so nothing keeps them, and a browser runs nothing in them.
"""

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import Unavailable
from core.outages import DATABASE_ERRORS
from engine.context import AppState
from gateways.storage.base import DownloadOptions
from models.errors import NotFound
from models.ledger.account_statements import StatementFormat
from services.ledger.account_statements.files import StatementFile, TooManyEntries, read_file
from services.ledger.account_statements.links import PATH, StatementLink
from web.network_charges import REQUEST_COST, charge_network, charge_owner, text_error

FILE_COST = 300  # of thousands of rows that are read and written
THREADS = 1  # it is Python's own work: a second thread would delay the requests
MAX_WAITING = 16
TYPES = {StatementFormat.CSV: "text/csv", StatementFormat.PDF: "application/pdf"}
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, Statements(app).show, methods=["GET"])]


class Statements:
    """Checks the link, the points and the rights of its user, and makes the file."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._threads = CapacityLimiter(THREADS)

    async def show(self, request: Request) -> Response:
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        try:
            link = StatementLink.read(self._app.keys, request.query_params.get("link", ""))
        except NotFound:
            return text_error(403, "The link is invalid or expired. Ask for a new one.")
        if refused := await charge_owner(self._app, link.user_id, FILE_COST):
            return refused
        if self._threads.statistics().tasks_waiting >= MAX_WAITING:
            return _unavailable()
        return await self._make(link)

    async def _make(self, link: StatementLink) -> Response:
        try:
            async with self._app.database.session() as session:
                file = await read_file(session, link)
        except NotFound:
            return text_error(404, "There is no such statement for you.")
        except TooManyEntries as error:
            return text_error(413, str(error))
        except DATABASE_ERRORS:
            return _unavailable()
        return await self._answer(file)

    async def _answer(self, file: StatementFile) -> Response:
        content = await to_thread.run_sync(file.make, limiter=self._threads)
        type = TYPES[file.format]
        disposition = DownloadOptions(type, file.name, inline=False).disposition
        headers = HEADERS | {"Content-Disposition": disposition}
        return Response(content, headers=headers, media_type=type)


def _unavailable() -> Response:
    response = text_error(503, "The statement cannot be made now. Try again in a moment.")
    response.headers["Retry-After"] = str(Unavailable.seconds)
    return response

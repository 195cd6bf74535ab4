"""Statements as CSV and PDF, made when they are downloaded, and never stored."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.context import AppState
from models.ledger.account_statements import StatementFormat
from services.ledger.account_statements.files import TooManyEntries, read_file
from services.ledger.account_statements.links import PATH, StatementLink
from web.files.signed_files import FileThreads, answer_link, private_file, unavailable
from web.middleware.network_charges import text_error

FILE_COST = 300  # of thousands of rows that are read and written
MAX_WAITING = 16
TYPES = {StatementFormat.CSV: "text/csv", StatementFormat.PDF: "application/pdf"}


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, Statements(app).show, methods=["GET"])]


class Statements:
    """Answers links to statements."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._threads = FileThreads(MAX_WAITING)

    async def show(self, request: Request) -> Response:
        return await answer_link(
            self._app,
            request,
            StatementLink.read,
            self._make,
            cost=FILE_COST,
            missing="There is no such statement for you.",
        )

    async def _make(self, link: StatementLink) -> Response:
        if self._threads.are_busy:
            return unavailable()
        try:
            async with self._app.database.session() as session:
                file = await read_file(session, link)
        except TooManyEntries as error:
            return text_error(413, str(error))
        content = await self._threads.make(file.make)
        return private_file(content, TYPES[file.format], file.name)

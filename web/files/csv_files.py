"""CSV files behind signed links: written while they are sent, and never stored."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.csv_files import CsvFile, Row, write_columns, write_rows
from core.security.signing_keys import SigningKeys
from engine.context import AppState
from services.events.sales.exports import open_export
from services.events.sales.links import PATH as EXPORT_PATH
from services.events.sales.links import ExportLink
from services.invoices.export import open_invoices
from services.invoices.links import CSV_PATH, InvoicesLink
from services.offers.imports.report import PATH as REPORT_PATH
from services.offers.imports.report import ReportLink, open_report
from services.taxes.links import PATH as WITHHELD_PATH
from services.taxes.links import WithheldLink
from services.taxes.withheld import open_withheld
from web.files.signed_files import FileThreads, UserLink, answer_link, private_headers, unavailable

CSV_COST = 500  # of rows that are read and opened
MAX_WAITING = 16

Link = TypeVar("Link", bound=UserLink)


def routes(app: AppState) -> list[Route]:
    files, given = CsvFiles(app), (app.database.session, app.sealer)
    report = partial(open_report, app.database.session)
    zone = ZoneInfo(app.settings.platform_time_zone)
    return [
        files.route(EXPORT_PATH, ExportLink.read, partial(open_export, *given)),
        files.route(CSV_PATH, InvoicesLink.read, partial(open_invoices, *given)),
        files.route(REPORT_PATH, ReportLink.read, report),
        files.route(WITHHELD_PATH, WithheldLink.read, partial(open_withheld, *given, zone)),
    ]


class CsvFiles:
    """Answers links to CSV files, a batch of rows at a time.

    No connection is held between two batches, however slowly the caller reads.
    """

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._threads = FileThreads(MAX_WAITING)

    def route(
        self,
        path: str,
        read: Callable[[SigningKeys, str], Link],
        open_file: Callable[[Link], Awaitable[CsvFile]],
    ) -> Route:
        """Return the route of a kind of link. `open_file` checks the right to it."""

        async def show(request: Request) -> Response:
            return await answer_link(
                self._app,
                request,
                read,
                partial(self._send, open_file),
                cost=CSV_COST,
                missing="There is no such file for you.",
            )

        return Route(path, show, methods=["GET"])

    async def _send(self, open_file: Callable[[Link], Awaitable[CsvFile]], link: Link) -> Response:
        """Read the first batch before the answer begins, so that an outage is one."""
        if self._threads.are_busy:
            return unavailable()
        file = await open_file(link)
        first = await anext(file.batches, ())
        return StreamingResponse(
            self._write(file, first),
            headers=private_headers("text/csv", file.name),
            media_type="text/csv; charset=utf-8",
        )

    async def _write(self, file: CsvFile, first: Iterable[Row]) -> AsyncIterator[bytes]:
        yield write_columns(file.columns)
        yield await self._threads.make(partial(write_rows, first))
        async for rows in file.batches:
            yield await self._threads.make(partial(write_rows, rows))

"""Attendees and sales of a date as CSV, behind signed links."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.context import AppState
from services.events.sales.exports import read_export, write_csv
from services.events.sales.links import PATH, ExportLink
from services.links import find_viewer
from web.signed_files import answer_link, private_file

CSV_COST = 500  # of rows that are read and opened


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, EventExports(app).show, methods=["GET"])]


class EventExports:
    """Answers links to exports."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def show(self, request: Request) -> Response:
        return await answer_link(
            self._app,
            request,
            ExportLink.read,
            self._write,
            cost=CSV_COST,
            missing="There is no such export for you.",
        )

    async def _write(self, link: ExportLink) -> Response:
        async with self._app.database.session() as session:
            viewer = await find_viewer(session, link.user_id)
            found = await read_export(session, viewer, link)
        content = await to_thread.run_sync(write_csv, *found, link.export, self._app.sealer)
        return private_file(content, "text/csv; charset=utf-8", f"{link.export.lower()}.csv")

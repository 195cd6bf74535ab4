"""The attendees of a date as CSV, made when they are downloaded, and never stored."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.context import AppState
from services.events.check_in.attendees import PATH, AttendeesLink, read_attendees, write_csv
from services.links import find_viewer
from web.signed_files import answer_link, private_file

FILE_COST = 500  # of rows that are read and opened


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, Attendees(app).show, methods=["GET"])]


class Attendees:
    """Answers links to attendees."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def show(self, request: Request) -> Response:
        return await answer_link(
            self._app,
            request,
            AttendeesLink.read,
            self._make,
            cost=FILE_COST,
            missing="There are no such attendees for you.",
        )

    async def _make(self, link: AttendeesLink) -> Response:
        async with self._app.database.session() as session:
            viewer = await find_viewer(session, link.user_id)
            found = await read_attendees(session, viewer, link.event_date_id)
        content = await to_thread.run_sync(write_csv, *found, self._app.sealer)
        return private_file(content, "text/csv; charset=utf-8", "attendees.csv")

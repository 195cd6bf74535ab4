"""Calendar feeds, made when they are read, and never stored.

A calendar app has no session: the secret in the address is all that it has. So no cache in between
keeps the answer, and the access log does not have the path.
"""

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.outages import DATABASE_ERRORS
from engine.context import AppState
from models.errors import NotFound
from services.bookings.calendars.answers import MAX_AGE, read_answer
from services.bookings.calendars.feeds import PATH, find_feed, is_read_noted, note_reading
from web.files.signed_files import unavailable
from web.middleware.network_charges import REQUEST_COST, charge_network, charge_owner, text_error

READ_COST = 20  # of up to 1,000 rows
WRITE_COST = 150  # 1,000 entries take 160 ms of a core
HEADERS = {
    "Cache-Control": f"private, max-age={int(MAX_AGE.total_seconds())}",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def routes(app: AppState) -> list[Route]:
    return [Route(f"{PATH}/{{secret}}.ics", CalendarFeeds(app).show, methods=["GET"])]


class CalendarFeeds:
    """Answers the addresses of feeds."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._threads = CapacityLimiter(1)

    async def show(self, request: Request) -> Response:
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        try:
            return await self._show(request)
        except NotFound:
            return text_error(404, "There is no such calendar.")
        except DATABASE_ERRORS:
            return unavailable()

    async def _show(self, request: Request) -> Response:
        async with self._app.database.session() as session:
            feed = await find_feed(session, request.path_params["secret"])
        if refused := await charge_owner(self._app, feed.user_id, READ_COST):
            return refused
        async with self._app.database.session() as session:
            answer = await read_answer(session, self._app.sealer, feed)
        if not is_read_noted(feed):
            async with self._app.transactions.begin() as session:
                await note_reading(session, feed.id)
        headers = HEADERS | {"ETag": answer.etag}
        if answer.etag in _known(request):
            return Response(status_code=304, headers=headers)
        if refused := await charge_owner(self._app, feed.user_id, WRITE_COST):
            return refused
        content = await to_thread.run_sync(answer.write, limiter=self._threads)
        headers["Content-Disposition"] = 'inline; filename="bookings.ics"'
        return Response(content, headers=headers, media_type="text/calendar; charset=utf-8")


def _known(request: Request) -> set[str]:
    """Return the tags that the caller has. A proxy that compresses makes them weak."""
    listed = request.headers.get("if-none-match", "").split(",")
    return {one.strip().removeprefix("W/") for one in listed}

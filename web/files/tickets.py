"""Tickets as PDF, made when they are downloaded, and never stored."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.outages import DATABASE_ERRORS
from engine.context import AppState
from models.errors import NotFound
from services.events.tickets.links import PATH, TicketsLink
from services.events.tickets.paper import make_tickets
from services.events.tickets.printing import TicketsReplaced, read_papers
from services.events.tickets.texting import PATH as TEXT_PATH
from services.events.tickets.texting import read_link
from web.files.signed_files import FileThreads, answer_link, private_file, unavailable
from web.middleware.network_charges import REQUEST_COST, charge_network, charge_owner, text_error

TICKETS_COST = 200  # of up to 20 pages, each 10 ms of a core
MAX_WAITING = 32


def routes(app: AppState) -> list[Route]:
    files = TicketFiles(app)
    return [
        Route(PATH, files.show, methods=["GET"]),
        Route(f"{TEXT_PATH}/{{secret}}", files.show_of_text, methods=["GET"]),
    ]


class TicketFiles:
    """Answers links to tickets."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._threads = FileThreads(MAX_WAITING)

    async def show(self, request: Request) -> Response:
        return await answer_link(
            self._app,
            request,
            TicketsLink.read,
            self._make,
            cost=TICKETS_COST,
            missing="There are no such tickets for you.",
        )

    async def show_of_text(self, request: Request) -> Response:
        """Answer the link of a text message, whose secret is stored."""
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        try:
            async with self._app.database.session() as session:
                link = await read_link(session, request.path_params["secret"])
            return await charge_owner(self._app, link.user_id, TICKETS_COST) or await self._make(
                link
            )
        except NotFound:
            return text_error(404, "There are no such tickets any more.")
        except DATABASE_ERRORS:
            return unavailable()

    async def _make(self, link: TicketsLink) -> Response:
        if self._threads.are_busy:
            return unavailable()
        try:
            async with self._app.database.session() as session:
                papers = await read_papers(session, self._app.sealer, self._app.keys, link)
        except TicketsReplaced:
            return text_error(410, "These tickets have new codes. Ask for a new link.")
        content = await self._threads.make(partial(make_tickets, papers))
        return private_file(content, "application/pdf", f"tickets-{papers[0].code}.pdf")

"""Labels and packing slips as PDF, made when they are downloaded, and never stored.

They show a customer's address, so nothing keeps them, and a browser runs nothing in them.
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
from services.shipments.paper_links import PATH, PaperKind, PaperLink
from services.shipments.papers import ParcelPaper, make_label, make_packing_slip
from services.shipments.printing import read_paper
from services.viewer import Viewer
from web.network_charges import REQUEST_COST, charge_network, charge_owner, text_error

PAPER_COST = 100  # of one that takes 5 to 50 ms of a core
THREADS = 1  # it is Python's own work: a second thread would delay the requests
MAX_WAITING = 32
TYPE = "application/pdf"
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
MAKE = {PaperKind.LABEL: make_label, PaperKind.PACKING_SLIP: make_packing_slip}


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, ShipmentPapers(app).show, methods=["GET"])]


class ShipmentPapers:
    """Checks the link, the points and the rights of its member, and makes the paper."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._threads = CapacityLimiter(THREADS)

    async def show(self, request: Request) -> Response:
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        try:
            link = PaperLink.read(self._app.keys, request.query_params.get("link", ""))
        except NotFound:
            return text_error(403, "The link is invalid or expired. Ask for a new one.")
        if refused := await charge_owner(self._app, link.user_id, PAPER_COST):
            return refused
        try:
            return await self._make(link)
        except NotFound:
            return text_error(404, "There is no such paper for you.")
        except DATABASE_ERRORS:
            return _unavailable()

    async def _make(self, link: PaperLink) -> Response:
        if self._threads.statistics().tasks_waiting >= MAX_WAITING:
            return _unavailable()
        paper = await self._read(link)
        content = await to_thread.run_sync(MAKE[link.kind], paper, limiter=self._threads)
        name = f"{link.kind.value}-{paper.order_number}-{paper.number}.pdf"
        disposition = DownloadOptions(TYPE, name, inline=False).disposition
        headers = HEADERS | {"Content-Disposition": disposition}
        return Response(content, headers=headers, media_type=TYPE)

    async def _read(self, link: PaperLink) -> ParcelPaper:
        viewer, is_label = Viewer(link.user_id), link.kind is PaperKind.LABEL
        async with self._app.database.session() as session:
            return await read_paper(
                session, self._app.sealer, viewer, link.shipment_id, label=is_label
            )


def _unavailable() -> Response:
    response = text_error(503, "The paper cannot be made now. Try again in a moment.")
    response.headers["Retry-After"] = str(Unavailable.seconds)
    return response

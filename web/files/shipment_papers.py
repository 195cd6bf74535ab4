"""Labels and packing slips as PDF, made when they are downloaded, and never stored."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.context import AppState
from services.shipments.paper_links import PATH, PaperKind, PaperLink
from services.shipments.papers import ParcelPaper, make_label, make_packing_slip
from services.shipments.printing import read_paper
from services.viewer import Viewer
from web.files.signed_files import FileThreads, answer_link, private_file, unavailable

PAPER_COST = 100  # of one that takes 5 to 50 ms of a core
MAX_WAITING = 32
MAKE = {PaperKind.LABEL: make_label, PaperKind.PACKING_SLIP: make_packing_slip}


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, ShipmentPapers(app).show, methods=["GET"])]


class ShipmentPapers:
    """Answers links to the papers of shipments."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._threads = FileThreads(MAX_WAITING)

    async def show(self, request: Request) -> Response:
        return await answer_link(
            self._app,
            request,
            PaperLink.read,
            self._make,
            cost=PAPER_COST,
            missing="There is no such paper for you.",
        )

    async def _make(self, link: PaperLink) -> Response:
        if self._threads.are_busy:
            return unavailable()
        paper = await self._read(link)
        content = await self._threads.make(partial(MAKE[link.kind], paper))
        name = f"{link.kind.value}-{paper.order_number}-{paper.number}.pdf"
        return private_file(content, "application/pdf", name)

    async def _read(self, link: PaperLink) -> ParcelPaper:
        viewer, is_label = Viewer(link.user_id), link.kind is PaperKind.LABEL
        async with self._app.database.session() as session:
            return await read_paper(
                session, self._app.sealer, viewer, link.shipment_id, label=is_label
            )

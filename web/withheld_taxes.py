"""Taxes that were kept from vendors, as CSV for the returns of the operator."""

from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.context import AppState
from models.errors import NotFound
from services.links import find_viewer
from services.taxes.links import PATH, WithheldLink
from services.taxes.withheld import read_withheld, write_withheld
from web.signed_files import answer_link, private_file

FILE_COST = 500


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, WithheldTaxFiles(app).show, methods=["GET"])]


class WithheldTaxFiles:
    """Answers links to what was kept of taxes."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def show(self, request: Request) -> Response:
        return await answer_link(
            self._app,
            request,
            WithheldLink.read,
            self._make,
            cost=FILE_COST,
            missing="There is no such file for you.",
        )

    async def _make(self, link: WithheldLink) -> Response:
        since, until = link.period.times(ZoneInfo(self._app.settings.platform_time_zone))
        async with self._app.database.session() as session:
            viewer = await find_viewer(session, link.user_id)
            if not viewer.admin:
                raise NotFound
            found = await read_withheld(
                session,
                viewer,
                self._app.sealer,
                currency=link.currency,
                since=since,
                until=until,
            )
        content = await to_thread.run_sync(write_withheld, found, link.currency)
        name = f"withheld-{link.currency}-{link.period.first}-{link.period.last}.csv"
        return private_file(content, "text/csv; charset=utf-8", name)

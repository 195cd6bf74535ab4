"""Files of payouts for banks, made when they are downloaded, and never stored.

They hold numbers of accounts.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.context import AppState
from models.errors import Refusal
from services.payouts.files.files import read_bank_file
from services.payouts.files.links import PATH, PayoutFileLink
from web.files.signed_files import answer_link, private_file
from web.middleware.network_charges import text_error

FILE_COST = 100
MISSING = "There is no such file for you."


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, PayoutFiles(app).show, methods=["GET"])]


class PayoutFiles:
    """Answers links to files for banks."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def show(self, request: Request) -> Response:
        return await answer_link(
            self._app, request, PayoutFileLink.read, self._make, cost=FILE_COST, missing=MISSING
        )

    async def _make(self, link: PayoutFileLink) -> Response:
        try:
            async with self._app.database.session() as session:
                file = await read_bank_file(
                    session,
                    self._app.sealer,
                    self._app.settings,
                    user_id=link.user_id,
                    file_id=link.file_id,
                )
        except Refusal:
            return text_error(404, MISSING)
        return private_file(file.content, file.media_type, file.name)

"""Passes of tickets: packages for Apple Wallet, and redirects to Google Wallet."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from engine.context import AppState
from models.errors import NotFound
from services.events.passes.apple import CONTENT_TYPE, make_pass
from services.events.passes.content import PassContent, read_pass
from services.events.passes.links import APPLE_PATH, GOOGLE_PATH, PassLink
from services.events.tickets.printing import TicketsReplaced
from web.files.signed_files import (
    PRIVATE_HEADERS,
    FileThreads,
    answer_link,
    private_file,
    unavailable,
)
from web.middleware.network_charges import text_error

PASS_COST = 20
MAX_WAITING = 32
SEE_OTHER = 303


def routes(app: AppState) -> list[Route]:
    passes = Passes(app)
    return [
        Route(APPLE_PATH, passes.show_apple, methods=["GET"]),
        Route(GOOGLE_PATH, passes.show_google, methods=["GET"]),
    ]


class Passes:
    """Answers links to passes, which are made when they are asked for, and never stored."""

    def __init__(self, app: AppState) -> None:
        self._app = app
        self._threads = FileThreads(MAX_WAITING)

    async def show_apple(self, request: Request) -> Response:
        return await self._show(request, self._make_apple)

    async def show_google(self, request: Request) -> Response:
        return await self._show(request, self._make_google)

    async def _show(
        self, request: Request, make: Callable[[PassContent], Awaitable[Response]]
    ) -> Response:
        return await answer_link(
            self._app,
            request,
            PassLink.read,
            partial(self._answer, make),
            cost=PASS_COST,
            missing="There is no such pass for you.",
        )

    async def _answer(
        self, make: Callable[[PassContent], Awaitable[Response]], link: PassLink
    ) -> Response:
        if self._threads.are_busy:
            return unavailable()
        try:
            async with self._app.database.session() as session:
                content = await read_pass(session, self._app.sealer, self._app.keys, link)
        except TicketsReplaced:
            return text_error(410, "This ticket has a new code. Ask for a new link.")
        return await make(content)

    async def _make_apple(self, content: PassContent) -> Response:
        certificates = self._app.wallets.apple
        if certificates is None:
            raise NotFound
        file = await self._threads.make(partial(make_pass, content, certificates))
        return private_file(file, CONTENT_TYPE, f"ticket-{content.paper.code}.pkpass")

    async def _make_google(self, content: PassContent) -> Response:
        wallet = self._app.wallets.google
        if wallet is None:
            raise NotFound
        return RedirectResponse(wallet.save_link(content), SEE_OTHER, PRIVATE_HEADERS)

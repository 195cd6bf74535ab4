"""Files of the server itself behind signed links: papers, statements, invoices, files for banks.

They show addresses and the business of vendors, so nothing keeps them, and a browser runs nothing
in them.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from core.errors import Unavailable
from core.outages import DATABASE_ERRORS
from core.security.signing_keys import SigningKeys
from engine.context import AppState
from gateways.storage.base import DownloadOptions, StorageUnreachable
from models.errors import NotFound
from web.middleware.network_charges import REQUEST_COST, charge_network, charge_owner, text_error

PRIVATE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


class UserLink(Protocol):
    """The content of a signed link, which names its user."""

    @property
    def user_id(self) -> UUID: ...


Link = TypeVar("Link", bound=UserLink)


class FileThreads:
    """Threads that make files. It is Python's own work: more would delay the requests."""

    def __init__(self, most_waiting: int) -> None:
        self._limiter = CapacityLimiter(1)
        self._most_waiting = most_waiting

    @property
    def are_busy(self) -> bool:
        """Return whether so many requests wait that another one is better tried later."""
        return self._limiter.statistics().tasks_waiting >= self._most_waiting

    async def make(self, write: Callable[[], bytes]) -> bytes:
        return await to_thread.run_sync(write, limiter=self._limiter)


async def answer_link(
    app: AppState,
    request: Request,
    read: Callable[[SigningKeys, str], Link],
    answer: Callable[[Link], Awaitable[Response]],
    *,
    cost: int,
    missing: str,
) -> Response:
    """Check a link, charge its network and its user, and answer with its file.

    `missing` is the answer to a user without a right to it.
    """
    if refused := await charge_network(app, request, REQUEST_COST):
        return refused
    try:
        link = read(app.keys, request.query_params.get("link", ""))
    except NotFound:
        return invalid_link()
    if refused := await charge_owner(app, link.user_id, cost):
        return refused
    try:
        return await answer(link)
    except NotFound:
        return text_error(404, missing)
    except (*DATABASE_ERRORS, StorageUnreachable):
        return unavailable()


def private_file(content: bytes, content_type: str, name: str) -> Response:
    """Return a file that is saved under a name."""
    return Response(content, headers=private_headers(content_type, name), media_type=content_type)


def private_headers(content_type: str, name: str) -> dict[str, str]:
    """Return the headers of a file that is saved under a name."""
    disposition = DownloadOptions(content_type, name, inline=False).disposition
    return PRIVATE_HEADERS | {"Content-Disposition": disposition}


def invalid_link() -> Response:
    return text_error(403, "The link is invalid or expired. Ask for a new one.")


def unavailable(message: str = "This is not available now. Try again in a moment.") -> Response:
    response = text_error(503, message)
    response.headers["Retry-After"] = str(Unavailable.seconds)
    return response

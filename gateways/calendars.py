"""Fetches calendars at addresses that users enter, within limits of size and time."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin

import httpcore

from core.sizes import MEGABYTE
from core.version import VERSION
from gateways.public_network import PrivateAddress, PublicNetwork, create_pool
from models.bookings.feeds import BusyFeedDraft, BusyFeedProblem
from models.errors import InvalidInput
from models.validation import parse

MAX_BYTES = 4 * MEGABYTE
MAX_ETAG_LENGTH = 200
MAX_REDIRECTS = 3
TIMEOUT_SECONDS = 30  # of all requests together
TIMEOUTS = {"connect": 10.0, "read": 15.0, "write": 10.0, "pool": 10.0}
REDIRECTS = {301, 302, 303, 307, 308}
MISSING = {401, 403, 404, 410}
HEADERS = [
    (b"Accept", b"text/calendar"),
    (b"Accept-Encoding", b"identity"),  # a compressed answer could be of any size
    (b"User-Agent", f"Haat/{VERSION}".encode()),
]


class CalendarUnreadable(Exception):
    """The calendar was not fetched, for a reason that its owner can do something about."""

    def __init__(self, problem: BusyFeedProblem) -> None:
        self.problem = problem
        super().__init__(problem)


@dataclass(frozen=True)
class FetchedCalendar:
    """A calendar's content, or None if it is the one of the `etag` that was sent."""

    content: bytes | None
    etag: str | None


class CalendarFetcher:
    """Fetches calendars over HTTPS from public addresses alone."""

    def __init__(self, network: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._network = network or PublicNetwork()

    async def fetch(self, address: str, etag: str | None) -> FetchedCalendar:
        """Return a calendar. Raises `CalendarUnreadable`, which never names the address."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), create_pool(self._network) as pool:
                return await self._follow(pool, address, etag)
        except PrivateAddress:
            problem = BusyFeedProblem.PRIVATE_ADDRESS
        except (
            TimeoutError,
            OSError,
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
        ):
            problem = BusyFeedProblem.UNREACHABLE
        raise CalendarUnreadable(problem)

    async def _follow(
        self, pool: httpcore.AsyncConnectionPool, address: str, etag: str | None
    ) -> FetchedCalendar:
        for _ in range(1 + MAX_REDIRECTS):
            known = [(b"If-None-Match", etag.encode())] if etag else []
            extensions = {"timeout": TIMEOUTS}
            async with pool.stream(
                "GET", address, headers=HEADERS + known, extensions=extensions
            ) as response:
                target = _header(response, b"location")
                if response.status not in REDIRECTS or target is None:
                    return await _read(response, etag)
            address = _target_of(address, target)
        raise CalendarUnreadable(BusyFeedProblem.UNREACHABLE)


async def _read(response: httpcore.Response, etag: str | None) -> FetchedCalendar:
    if response.status == 304 and etag:
        return FetchedCalendar(None, etag)
    if response.status in MISSING:
        raise CalendarUnreadable(BusyFeedProblem.NOT_FOUND)
    if response.status != 200:
        raise CalendarUnreadable(BusyFeedProblem.UNREACHABLE)
    if (_header(response, b"content-encoding") or "identity") != "identity":
        raise CalendarUnreadable(BusyFeedProblem.NO_CALENDAR)
    content = bytearray()
    async for chunk in response.aiter_stream():
        content += chunk
        if len(content) > MAX_BYTES:
            raise CalendarUnreadable(BusyFeedProblem.TOO_LARGE)
    found = _header(response, b"etag")
    usable = found is not None and len(found) <= MAX_ETAG_LENGTH and found.isprintable()
    return FetchedCalendar(bytes(content), found if usable else None)


def _header(response: httpcore.Response, name: bytes) -> str | None:
    values = (value for header, value in response.headers if header.lower() == name)
    found = next(values, None)
    return None if found is None else found.decode("ascii", errors="replace")


def _target_of(address: str, target: str) -> str:
    """Return the target of a redirect. It has to be what a user could enter."""
    try:
        return parse(BusyFeedDraft, address=urljoin(address, target)).address
    except (InvalidInput, ValueError) as error:  # `urljoin` refuses some that are no addresses
        raise CalendarUnreadable(BusyFeedProblem.UNREACHABLE) from error

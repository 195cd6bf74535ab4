"""A server process as it runs in production, and its callers."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from tests.client import Client
from tests.factories.world import World
from tests.hostile import grammar
from tests.hostile.caller import Caller
from tests.hostile.canaries import ROLES, plant
from tests.hostile.production import COMMAND_LINE, ServerProcess, production, serving
from tests.hostile.transports import Ask, by_http, by_socket

CALLERS = count(1)
CURSORS = """
{
  offers(first: 1) { pageInfo { endCursor } }
  vendors(first: 1) { pageInfo { endCursor } }
  viewer { vouchers(first: 1) { pageInfo { endCursor } } }
}
"""


@pytest.fixture(scope="session")
def server(settings: Settings) -> Iterator[ServerProcess]:
    """Run one server that must survive all hostile tests, and whose memory they measure."""
    with serving(production(settings), *COMMAND_LINE) as server:
        yield server
        assert server.process.poll() is None


@pytest.fixture
def address() -> str:
    """Return an IP address that no other test uses, so that each has its own budget."""
    number = next(CALLERS)
    return f"198.18.{number // 250}.{number % 250}"


@pytest.fixture
async def http(server: ServerProcess, address: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"X-Forwarded-For": address}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def api(http: httpx.AsyncClient, keys: SigningKeys) -> Client:
    """Return an anonymous client of the server."""
    return Client(http, keys)


@pytest.fixture(params=["HTTP", "WebSocket"])
def ask(
    request: pytest.FixtureRequest, server: ServerProcess, http: httpx.AsyncClient, address: str
) -> Ask:
    """Return a function that sends anonymous requests, once per transport."""
    return by_http(http) if request.param == "HTTP" else by_socket(server.url, address)


ANSWERED_ONE_IN = 20  # of the requests of a caller, at least


@pytest.fixture(params=ROLES)
async def caller(
    request: pytest.FixtureRequest, world: World, api: Client
) -> AsyncIterator[Caller]:
    """Yield a caller. Enough of its requests must return data, or the test would prove little."""
    marketplace = await plant(world)
    person = marketplace.people[request.param]
    client = api.signed_in(person) if person else api
    cursors = [one["pageInfo"]["endCursor"] for one in pages(await client.ask(CURSORS))]
    values = grammar.scalars(marketplace.ids, cursors, sorted(marketplace.known[request.param]))
    caller = Caller(marketplace, request.param, client, values)
    yield caller
    assert sum(caller.answered) * ANSWERED_ONE_IN >= len(caller.answered)


def pages(data: dict[str, Any]) -> list[dict[str, Any]]:
    own = [data["viewer"]["vouchers"]] if data["viewer"] else []
    return [data["offers"], data["vendors"], *own]

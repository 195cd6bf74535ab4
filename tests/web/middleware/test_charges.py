"""Each request costs points, also one that is refused, over all transports."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest

from core.ids import new_id
from core.limits.buckets import Buckets, Charge
from core.limits.keys import LimitKey
from core.limits.local_allowances import LocalAllowances
from core.limits.rate_limits import RateLimits
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from core.sizes import MEGABYTE
from engine.limits.charging import BYTES_PER_POINT
from gateways.storage.local import LocalStorage
from models.scopes import ApiScope
from models.uploads import public_key
from tests.client import Client
from tests.factories.world import World
from tests.hostile.transports import sending_by_socket
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process
from tests.subscriptions.websocket_client import WebSocketClient
from web.middleware.network_charges import PAGE_COST, POINTS_PER_MEGABYTE, REQUEST_COST

NAMED = "query A { __typename } query B { __typename }"
DEAR = "{ vendors(first: 100) { nodes { offers(first: 100) { nodes { id } } } } }"
MUTATION = "mutation { logOut(input: {}) { errors { code } } }"
SUBSCRIPTION = "subscription { inboxChanges { __typename } }"
UNKNOWN = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
REFUSED: dict[str, dict[str, Any]] = {
    "costs nothing": {"query": "{ __typename }"},
    "too complex": {"query": DEAR},
    "too many values": {"query": "{ __typename }", "variables": {"a": [0] * 2_000}},
    "no operation name": {"query": NAMED},
    "unknown operation name": {"query": NAMED, "operationName": "C"},
    "invalid": {"query": "{ unknown }"},
    "syntax error": {"query": "{"},
    "unknown document": {"extensions": UNKNOWN},
    "wrong hash": {"query": "{ __typename }", "extensions": UNKNOWN},
}
OTHERS: dict[str, dict[str, Any]] = {
    "batch": {"method": "POST", "json": [{"query": "{ __typename }"}]},
    "no JSON": {"method": "POST", "content": "{", "headers": {"content-type": "application/json"}},
    "no query": {"method": "POST", "json": {}},
    "multipart": {"method": "POST", "files": {"map": "{}"}},
    "other method": {"method": "DELETE"},
    "mutation by GET": {"method": "GET", "params": {"query": MUTATION}},
    "subscription by POST": {
        "method": "POST",
        "json": {"query": SUBSCRIPTION},
    },
    "other site": {
        "method": "GET",
        "params": {"query": "{ __typename }"},
        "headers": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
    },
    "upload": {"method": "PUT", "url": "/objects?link=forged", "content": b"x"},
    "download": {"method": "GET", "url": "/objects?link=forged"},
    "picture": {"method": "GET", "url": "/pictures/unknown"},
}


class Charges:
    """Records the costs that were charged, and refuses them if the caller is `poor`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.costs: list[int] = []
        self.poor = False
        charge, spend = RateLimits.charge, LocalAllowances.spend

        async def record(limits: RateLimits, charged: Buckets, cost: int, *more: Any) -> Charge:
            self.costs.append(cost)
            if self.poor:
                return Charge(False, 0, datetime.now(UTC), 7)
            return await charge(limits, charged, cost, *more)

        def record_spent(allowances: LocalAllowances, key: LimitKey, cost: int) -> Charge | None:
            spent = None if self.poor else spend(allowances, key, cost)
            if spent is not None:
                self.costs.append(cost)
            return spent

        monkeypatch.setattr(RateLimits, "charge", record)
        monkeypatch.setattr(LocalAllowances, "spend", record_spent)
        # It was counted when it was spent. Apps of other tests may settle now what they spent.
        monkeypatch.setattr(LocalAllowances, "settle", AsyncMock())

    def taken(self) -> int:
        cost, self.costs = sum(self.costs), []
        return cost


@pytest.fixture
def charges(monkeypatch: pytest.MonkeyPatch) -> Charges:
    return Charges(monkeypatch)


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[InProcessServer]:
    async with serve_in_process(settings) as server:
        yield server


async def ensure_all_charged(charges: Charges, ask: Any, *, is_code: bool = True) -> None:
    """Ask twice, because a document that is known to be valid is not charged before parsing."""
    for _ in range(2):
        await ask()
        assert charges.taken() > 0
    charges.poor = True
    answer = await ask()
    assert ("RATE_LIMITED" if is_code else "Too many requests") in answer, answer


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("request_", REFUSED.values(), ids=list(REFUSED))
async def test_operations_over_http_are_charged(
    api: Client, charges: Charges, request_: dict[str, Any], accept: str
) -> None:
    async def ask() -> str:
        response = await api.http.post("/graphql", json=request_, headers={"accept": accept})
        return response.text

    await ensure_all_charged(charges, ask)


@pytest.mark.parametrize("request_", OTHERS.values(), ids=list(OTHERS))
async def test_requests_that_run_no_operation_are_charged(
    api: Client, charges: Charges, request_: dict[str, Any]
) -> None:
    answered: list[httpx.Response] = []

    async def ask() -> str:
        answered.append(await api.http.request(**{"url": "/graphql"} | request_))
        return answered[-1].text

    await ensure_all_charged(charges, ask, is_code="url" not in request_)
    assert answered[0].status_code in range(400, 429)
    if answered[-1].status_code != 200:  # of a document, unless the client accepts GraphQL's type
        assert (answered[-1].status_code, answered[-1].headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize("extensions", [None, "{}", "{", "{}&other=1"])
async def test_a_get_is_charged_for_all_parameters(
    api: Client, charges: Charges, extensions: str | None
) -> None:
    """As a POST with a body of that size."""
    variables = '{"a": "' + 20 * BYTES_PER_POINT * "x" + '"}'
    tail = f"&extensions={extensions}" if extensions else ""
    for _ in range(2):  # the second time the document is known to be valid
        await api.http.get(f"/graphql?query={{__typename}}&variables={variables}{tail}")
        assert charges.taken() == 21


@pytest.mark.parametrize(
    "page",
    [
        *("/", "/live", "/scan", "/graphql", "/schema.graphql", "/auth/link", "/auth/admin"),
        *("/static/paper.css", "/static/auth/link.js", "/static/home.css", "/static/unknown"),
    ],
)
async def test_pages_and_their_assets_are_charged(api: Client, charges: Charges, page: str) -> None:
    headers = {"accept": "text/html"}
    assert (await api.http.get(page, headers=headers)).status_code in {200, 404}
    assert charges.taken() == PAGE_COST
    charges.poor = True
    refused = await api.http.get(page, headers=headers)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")


async def test_pictures_are_charged_by_size(
    settings: Settings, keys: SigningKeys, api: Client, charges: Charges
) -> None:
    name = f"{new_id()}-{64 * 'a'}"
    folder = LocalStorage(settings.objects_folder, settings.address, keys)
    await folder.write(public_key(name), bytes(3 * MEGABYTE), "image/png")
    url = f"/pictures/{name}.png"
    assert len((await api.http.get(url)).content) == 3 * MEGABYTE
    assert charges.taken() == REQUEST_COST + 3 * POINTS_PER_MEGABYTE
    assert (await api.http.head(url)).status_code == 200
    assert charges.taken() == REQUEST_COST


async def test_operations_outside_the_scope_of_a_token_are_charged(
    world: World, api: Client, charges: Charges
) -> None:
    _, secret = await world.api_token(await world.user(), ApiScope.READ)
    client = api.bearing(secret)
    assert await client.failed(MUTATION) == ["FORBIDDEN"]
    charges.taken()

    async def ask() -> str:
        return str(await client.send(MUTATION))

    await ensure_all_charged(charges, ask)


@pytest.mark.parametrize("request_", REFUSED.values(), ids=list(REFUSED))
async def test_operations_over_sockets_are_charged(
    server: InProcessServer, charges: Charges, request_: dict[str, Any]
) -> None:
    ask_by_socket = sending_by_socket(server.url, "198.51.100.7")

    async def ask() -> str:
        return str(await ask_by_socket(request_))

    await ensure_all_charged(charges, ask)


async def test_one_operation_too_many_on_a_socket_is_charged(
    settings: Settings, world: World, charges: Charges
) -> None:
    few = settings.model_copy(update={"socket_operations": 1})
    async with serve_in_process(few) as server:
        _, secret = await world.api_token(await world.user())
        async with WebSocketClient.connected(server.url, secret) as client:
            await client.subscribe(SUBSCRIPTION, {}, "a")
            await server.settles(subscribers=1)
            charges.taken()
            await client.subscribe(SUBSCRIPTION, {}, "b")
            assert "RATE_LIMITED" in str(await client.receive())
            assert charges.taken() > 0

"""Each caller has points of their own: an address, a user, and each of a user's programs."""

from collections.abc import AsyncIterator
from itertools import count

import httpx
import pytest

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from engine.limits import document_cache
from engine.limits.charging import CHARACTERS_PER_POINT
from tests.client import Client
from tests.factories.world import World
from tests.web.conftest import called

DEAR = "{ offers(first: 30) { nodes { vendor { name } } } }"  # 62 points of 100
ROUND = count(1)


@pytest.fixture
async def poor(settings: Settings, keys: SigningKeys) -> AsyncIterator[Client]:
    """Create an app whose budget allows one such query per caller during the test."""
    points = dict.fromkeys(("anonymous_points", "user_points", "token_points"), 100)
    async with called(settings.model_copy(update=points | {"points_per_second": 1})) as http:
        address = f"198.51.100.{next(ROUND)}"
        http._transport.client = (address, 1)  # type: ignore[attr-defined]
        yield Client(http, keys)


async def spent(client: Client) -> list[str]:
    return [*await client.failed(DEAR), *await client.failed(DEAR)]


async def test_an_emptied_bucket_is_its_callers_alone(world: World, poor: Client) -> None:
    user = await world.user()
    (_, secret), (_, other) = await world.api_token(user), await world.api_token(user)
    callers = [
        poor.bearing(secret),
        poor.bearing(other),
        poor.signed_in(user),
        poor.signed_in(await world.user()),
        poor,
    ]
    for caller in callers:
        assert await spent(caller) == ["RATE_LIMITED"]
    assert await callers[0].failed(DEAR) == ["RATE_LIMITED"]


async def test_a_response_states_the_cost_and_what_remains(world: World, poor: Client) -> None:
    _, secret = await world.api_token(await world.user())
    response: httpx.Response = await poor.http.post(
        "/graphql",
        json={"query": DEAR},
        headers={
            "Authorization": f"Bearer {secret}",
            "Accept": "application/graphql-response+json",
        },
    )
    cost = response.json()["extensions"]["cost"]
    assert (cost["requested"], cost["limit"], cost["remaining"]) == (62, 5_000, 38)
    assert cost["resetAt"].endswith("Z")


@pytest.mark.parametrize("accept", ["application/graphql-response+json", "application/json"])
async def test_a_rate_limited_response_states_how_long_to_wait(poor: Client, accept: str) -> None:
    await spent(poor)
    response = await poor.http.post("/graphql", json={"query": DEAR}, headers={"Accept": accept})
    (error,) = response.json()["errors"]
    seconds = error["extensions"]["retryAfter"]
    assert 20 <= seconds <= 24  # 62 points and 38 left, at one point a second
    waits = response.headers.get("Retry-After")
    assert (response.status_code, waits) == ((429, str(seconds)) if "+" in accept else (200, None))


async def test_addresses_of_one_ipv6_network_share_a_bucket(poor: Client) -> None:
    codes = []
    for number in range(2):
        poor.http._transport.client = (f"2001:db8:0:{next(ROUND):x}::{number}", 1)  # type: ignore[attr-defined]
        codes.append(await poor.failed(DEAR))
    assert codes == [[], []], "two networks"
    network = next(ROUND)
    codes = []
    for number in range(2):
        poor.http._transport.client = (f"2001:db8:0:{network:x}::{number}", 1)  # type: ignore[attr-defined]
        codes.append(await poor.failed(DEAR))
    assert codes == [[], ["RATE_LIMITED"]], "one network"


async def test_an_invalid_document_is_charged_by_its_length(poor: Client) -> None:
    for invalid in ("{ unknown } ", "{ ", "query { offers { nodes { id } } } " * 2):
        before = (await poor.send("{ __typename }"))["extensions"]["cost"]["remaining"]
        answer = await poor.send(invalid.ljust(20 * CHARACTERS_PER_POINT))
        cost = answer["extensions"]["cost"]
        assert answer["errors"]
        assert cost["requested"] == 20
        assert cost["remaining"] < before


async def test_invalid_documents_exhaust_the_budget(poor: Client) -> None:
    invalid = "{ unknown } ".ljust(90 * CHARACTERS_PER_POINT)  # 90 points of 100
    assert await poor.failed(invalid) == ["BAD_USER_INPUT"]
    assert await poor.failed(invalid) == ["RATE_LIMITED"]
    assert await poor.failed(DEAR) == ["RATE_LIMITED"]


async def test_a_caller_without_points_is_refused_before_parsing(
    poor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a syntax error would be parsed however little is left."""
    await poor.failed("{ unknown } ".ljust(95 * CHARACTERS_PER_POINT))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("A document was parsed.")

    monkeypatch.setattr(document_cache, "parse", refuse)
    for garbage in ("{ ", "a b c !", "{ unknown }"):
        assert await poor.failed(garbage.ljust(50 * CHARACTERS_PER_POINT)) == ["RATE_LIMITED"]

"""Keys of answers. A client can neither poison an answer nor fill the memory with keys."""

from typing import Any

import httpx
import pytest

from core.answers import kept_answer
from tests.apps import endpoint_of
from tests.client import Client
from tests.factories.world import World
from tests.web.public_answers.conftest import Results, named
from web.graphql.short_path import public
from web.graphql.short_path.layer import ShortPath

VARIABLES = "($first: Int, $where: OfferWhere)"
SELECTION = "offers(first: $first, where: $where) { nodes { id title } }"
WHERE = {"country": "IN", "vendorId": None}


async def send(client: Client, query: str, languages: str = "", **variables: Any) -> httpx.Response:
    body = {"query": query, "variables": variables}
    headers = {"Accept-Language": languages} if languages else {}
    return await client.http.post("/graphql", json=body, headers=headers)


async def keep(client: Client, query: str, results: Results, **variables: Any) -> None:
    for _ in range(4):
        await send(client, query, **variables)
    assert results.take().get("hit"), "it is kept"


async def test_variables_that_are_not_defined_and_their_order_make_no_other_key(
    world: World, visitor: Client, results: Results
) -> None:
    query = named(SELECTION, VARIABLES)
    await keep(visitor, query, results, first=5, where=WHERE)
    reversed_ = dict(reversed(WHERE.items()))
    await send(visitor, query, where=reversed_, first=5)
    for number in range(3):
        await send(visitor, query, first=5, where=WHERE, other=number)
    assert results.take() == {"hit": 4}


@pytest.mark.parametrize(
    "variables",
    [{"first": 4, "where": WHERE}, {"first": 5}, {"first": 5, "where": {"country": "DE"}}],
)
async def test_other_values_make_another_key(
    world: World, visitor: Client, results: Results, variables: dict[str, Any]
) -> None:
    query = named(SELECTION, VARIABLES)
    await keep(visitor, query, results, first=5, where=WHERE)
    await send(visitor, query, **variables)
    assert results.take() == {"made": 1}


async def test_each_language_has_its_answer(
    world: World, visitor: Client, results: Results
) -> None:
    await world.offer(await world.vendor(), title={"en": "Tea", "de": "Tee", "hi": "चाय"})
    query = named("offers { nodes { title } }")
    for languages, title in (("de", "Tee"), ("hi, en;q=0.5", "चाय"), ("en", "Tea")) * 4:
        response = await send(visitor, query, languages)
        assert response.json()["data"]["offers"]["nodes"] == [{"title": title}]
    assert results.take()["hit"] == 5


@pytest.mark.parametrize("languages", ["a, b, c, d, e, f", "x" * 36])
async def test_unusual_languages_are_not_kept(
    visitor: Client, results: Results, languages: str
) -> None:
    query = named("categories { id name }")
    for _ in range(4):
        await send(visitor, query, languages)
    assert results.take() == {}


async def test_a_large_answer_is_not_kept(
    world: World, visitor: Client, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answer, "MAX_KEPT_BYTES", 100)
    query = named("categories { id name slug path }")
    await world.category()
    await world.category()
    for _ in range(4):
        await send(visitor, query)
    assert results.take() == {"made": 3}


async def test_the_requests_that_are_remembered_are_bounded(
    visitor: Client, keeping: Any, monkeypatch: pytest.MonkeyPatch, results: Results
) -> None:
    """Each would keep its bytes. One that was forgotten is read again."""
    monkeypatch.setattr(public, "MAX_REMEMBERED", 2)
    layer = _short_path(keeping)
    layer._public._remembered.clear()
    query = named("categories { id }")
    for number in range(4):
        await keep(visitor, query, results, ignored=number)
        assert len(layer._public._remembered) <= 2
    await keep(visitor, query, results, ignored="x" * public.MAX_REMEMBERED_BYTES)
    assert all(b"xxx" not in sent for _, sent, _ in layer._public._remembered)


def _short_path(app: Any) -> ShortPath:
    layer = app.middleware_stack
    while not isinstance(layer, ShortPath):
        layer = layer.app
    assert layer._endpoint is endpoint_of(app)
    return layer

"""Which responses may be cached, and which are compressed."""

import httpx
import pytest

from tests.client import Client
from tests.factories.world import World

QUERY = {"query": "{ __typename }"}
INTROSPECTION = {"query": "{ __schema { types { name description } } }"}


def vary(response: httpx.Response) -> set[str]:
    return set(response.headers["vary"].split(", "))


async def test_an_anonymous_query_is_cached_for_a_moment(http: httpx.AsyncClient) -> None:
    response = await http.get("/graphql", params=QUERY)
    assert response.headers["cache-control"] == "public, max-age=5"
    assert vary(response) == {"Accept", "Authorization", "Accept-Language", "Origin"}


@pytest.mark.parametrize("query", ["{", "{ nope }", '{ node(id: "nonsense") { id } }'])
async def test_an_error_is_not_cached(http: httpx.AsyncClient, query: str) -> None:
    response = await http.get("/graphql", params={"query": query})
    assert response.headers["cache-control"] == "no-store"


async def test_an_authenticated_query_is_not_cached(
    world: World, api: Client, http: httpx.AsyncClient
) -> None:
    query = {"query": "{ viewer { id } }"}
    signed_in = api.signed_in(await world.user())
    for headers in (signed_in.headers, {"Authorization": "Bearer nonsense"}):
        response = await http.get("/graphql", params=query, headers=headers)
        assert response.headers["cache-control"] == "no-store"
        assert "Authorization" in vary(response)


@pytest.mark.parametrize("query", ["{ __typename }", "mutation { __typename }"])
async def test_a_post_is_not_cached(http: httpx.AsyncClient, query: str) -> None:
    response = await http.post("/graphql", json={"query": query})
    assert response.headers["cache-control"] == "no-store"


async def test_a_bad_request_is_not_cached(http: httpx.AsyncClient) -> None:
    response = await http.get("/graphql", params={"variables": "{"})
    assert response.headers["cache-control"] == "no-store"
    assert vary(response) == {"Accept", "Authorization", "Accept-Language", "Origin"}


async def test_a_long_response_is_compressed(http: httpx.AsyncClient) -> None:
    response = await http.get("/graphql", params=INTROSPECTION)
    assert response.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in vary(response)


async def test_a_stream_is_neither_compressed_nor_cached(http: httpx.AsyncClient) -> None:
    response = await http.get(
        "/graphql", params=INTROSPECTION, headers={"Accept": "text/event-stream"}
    )
    assert len(response.content) > 1024
    assert "content-encoding" not in response.headers
    assert response.headers["cache-control"] == "no-store, no-transform"
    assert response.headers["x-accel-buffering"] == "no"

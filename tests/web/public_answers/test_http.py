"""Kept answers over HTTP: validators, compression, persisted queries, points and logs."""

import gzip
from time import monotonic
from typing import Any

import orjson
import pytest

from core.documents.trusted_documents import sha256
from core.observability.request_log import RequestLog
from tests.client import Client
from tests.factories.world import World
from tests.web.public_answers.conftest import Results, named


async def get(client: Client, query: str, **headers: str) -> Any:
    named_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.http.get("/graphql", params={"query": query}, headers=named_headers)


async def test_a_client_that_has_the_answer_gets_304(
    world: World, visitor: Client, results: Results
) -> None:
    query = named("categories { id name }")
    await get(visitor, query)
    responses = [await get(visitor, query) for _ in range(4)]
    (etag,) = {response.headers["etag"] for response in responses}
    assert etag.startswith('W/"')
    for validators in (etag, etag.removeprefix("W/"), f'"x", {etag}', "*"):
        response = await get(visitor, query, If_None_Match=validators)
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
        assert response.headers["cache-control"] == "public, max-age=5"
        assert "content-type" not in response.headers
        assert response.headers["vary"] == responses[-1].headers["vary"]
    assert (await get(visitor, query, If_None_Match='W/"other"')).status_code == 200
    await world.category()
    posted = await visitor.http.post(
        "/graphql", json={"query": query}, headers={"If-None-Match": etag}
    )
    assert posted.status_code == 200
    assert "etag" not in posted.headers
    assert posted.headers["cache-control"] == "no-store"


async def test_an_old_answer_has_an_age(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, results: Results
) -> None:
    query = named("categories { id }")
    for _ in range(4):
        assert "age" not in (await get(visitor, query)).headers
    monkeypatch.setattr("core.answers.memory.monotonic", lambda: monotonic() + 3)
    assert (await get(visitor, query)).headers["age"] == "3"


async def test_both_encodings_are_those_of_an_execution(
    world: World, visitor: Client, results: Results
) -> None:
    vendor = await world.vendor()
    for _ in range(12):
        await world.offer(vendor)
    query = named("offers { nodes { id title terms vendor { id name city description } } }")
    full = await get(visitor, query, Accept_Encoding="identity")
    results.take()
    for encoding in ("identity", "gzip", "identity", "gzip"):
        response = await get(visitor, query, Accept_Encoding=encoding)
        raw = response.content
        assert response.headers.get("content-encoding", "identity") == encoding
        assert orjson.loads(raw)["data"] == full.json()["data"]
        assert "cost" in orjson.loads(raw)["extensions"]
        assert response.headers["vary"].endswith("Accept-Encoding, Origin") or encoding != "gzip"
    assert results.take() == {"made": 2, "hit": 2}


async def test_a_persisted_query_is_kept_by_its_hash(visitor: Client, results: Results) -> None:
    query = named("categories { id }")
    hashed = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query)}}
    params = {"extensions": orjson.dumps(hashed).decode()}
    await visitor.http.get("/graphql", params=params | {"query": query})
    results.take()
    bodies = [await visitor.http.get("/graphql", params=params) for _ in range(4)]
    assert results.take() == {"made": 2, "hit": 2}
    await get(visitor, query)
    assert results.take() == {"hit": 1}, "by its text as well"
    assert len({orjson.dumps(one.json()["data"]) for one in bodies}) == 1


async def test_a_hit_pays_and_is_logged_and_counted_like_an_execution(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, results: Results
) -> None:
    events: list[dict[str, Any]] = []

    def write(log: RequestLog, event: str, logger: str, **fields: Any) -> None:
        events.append({"event": event} | fields)

    monkeypatch.setattr(RequestLog, "write", write)
    query = named("categories { id }")
    costs = [(await get(visitor, query)).json()["extensions"]["cost"] for _ in range(5)]
    assert results.take() == {"made": 2, "hit": 2}
    for event in events:
        event.pop("ms")
    assert events == [events[0]] * 5
    assert events[0]["operation"] == "categories"
    assert events[0]["outcome"] == "OK"
    assert costs[0]["requested"] >= costs[1]["requested"], "new documents are charged by length"
    assert {cost["requested"] for cost in costs[1:]} == {costs[1]["requested"]}


def test_gzip_of_the_tests_is_strict() -> None:
    """Clients read one member with its checksum and size."""
    with pytest.raises(OSError, match="CRC"):
        gzip.decompress(gzip.compress(b"a" * 100)[:-8] + b"\0" * 8)

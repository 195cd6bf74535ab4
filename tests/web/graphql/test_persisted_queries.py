"""Documents by their sha256, after Apollo's protocol."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from redis.asyncio import Redis

from core.documents import persisted_documents
from core.documents.persisted_documents import PersistedDocuments
from core.documents.trusted_documents import sha256
from core.settings import Settings
from engine.errors.codes import Fault
from tests.web.conftest import GRAPHQL, codes
from web.graphql.graphql_request import GraphQLRequest
from web.graphql.persisted_queries import find_document, store_document

NOT_FOUND = [Fault.PERSISTED_QUERY_NOT_FOUND]
NOWHERE = "redis://127.0.0.1:1/0"


def fresh(more: str = "") -> str:
    """Return a document that was not sent before."""
    return f"query Fresh{uuid4().hex} {{ __typename {more}}}"


def hashed(document: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(document)}}} | more


async def post(http: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    return await http.post("/graphql", json=body)


async def get(http: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    texts = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()
    }
    return await http.get("/graphql", params=texts)


BOTH = pytest.mark.parametrize("send", [post, get])


@BOTH
async def test_a_document_sent_once_is_known_by_its_hash(
    http: httpx.AsyncClient, send: Any
) -> None:
    document = fresh()
    unknown = await send(http, hashed(document))
    assert codes(unknown) == NOT_FOUND
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert unknown.headers["cache-control"] == "no-store"
    for body in (hashed(document, query=document), hashed(document)):
        assert (await send(http, body)).json()["data"] == {"__typename": "Query"}


async def test_variables_come_with_the_hash(http: httpx.AsyncClient) -> None:
    document = f"query Q{uuid4().hex}($name: String!) {{ __type(name: $name) {{ kind }} }}"
    for body in (hashed(document, query=document), hashed(document)):
        answer = (await post(http, body | {"variables": {"name": "Offer"}})).json()
        assert answer["data"] == {"__type": {"kind": "OBJECT"}}


async def test_the_draft_s_document_id_names_it_too(http: httpx.AsyncClient) -> None:
    document = fresh()
    await post(http, hashed(document, query=document))
    for id in (sha256(document), f"sha256:{sha256(document)}"):
        assert "data" in (await post(http, {"documentId": id})).json()
    assert codes(await post(http, {"documentId": "offers"})) == NOT_FOUND


@pytest.mark.parametrize(("accept", "status"), [("*/*", 200), (GRAPHQL, 400)])
async def test_unknown_is_a_value_for_older_clients(
    http: httpx.AsyncClient, accept: str, status: int
) -> None:
    response = await http.post("/graphql", json=hashed(fresh()), headers={"Accept": accept})
    assert response.status_code == status
    assert codes(response) == NOT_FOUND


@BOTH
async def test_a_hash_of_something_else_is_refused(http: httpx.AsyncClient, send: Any) -> None:
    document, other = fresh(), fresh()
    assert codes(await send(http, hashed(document, query=other))) == [Fault.BAD_USER_INPUT]
    assert codes(await send(http, hashed(document))) == NOT_FOUND
    assert codes(await send(http, hashed(other))) == NOT_FOUND


@pytest.mark.parametrize(
    "given",
    [
        "hash",
        {},
        {"version": 2, "sha256Hash": "a" * 64},
        {"version": 1},
        {"version": 1, "sha256Hash": "short"},
        {"version": 1, "sha256Hash": ["a"]},
    ],
)
async def test_another_protocol_is_400(http: httpx.AsyncClient, given: Any) -> None:
    response = await post(http, {"extensions": {"persistedQuery": given}})
    assert response.status_code == 400
    assert codes(response) == [Fault.BAD_USER_INPUT]


@pytest.mark.parametrize("document", ["query { nope%s }", "query %s {", "{ __typename } # %s"])
async def test_only_executed_documents_are_stored(http: httpx.AsyncClient, document: str) -> None:
    document %= uuid4().hex
    await post(http, hashed(document, query=document))
    ran = document.startswith("{")
    assert ("data" in (await post(http, hashed(document))).json()) is ran


async def test_a_long_document_runs_and_is_not_kept(http: httpx.AsyncClient) -> None:
    document = fresh(" " * persisted_documents.MAX_DOCUMENT_LENGTH)
    assert "data" in (await post(http, hashed(document, query=document))).json()
    assert codes(await post(http, hashed(document))) == NOT_FOUND


@pytest.fixture
async def process(settings: Settings) -> AsyncIterator[PersistedDocuments]:
    """Create the document store of another process."""
    documents = PersistedDocuments(settings.redis)
    yield documents
    await documents.close()


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator["Redis"]:
    async with Redis.from_url(settings.redis) as redis:
        yield redis


def named(document: str, query: str | None = None) -> GraphQLRequest:
    return GraphQLRequest.of(hashed(document, query=query))


async def test_other_processes_know_it_for_a_day(
    http: httpx.AsyncClient, process: PersistedDocuments, redis: Redis
) -> None:
    document = fresh()
    await post(http, hashed(document, query=document))
    assert await find_document(process, named(document)) == document
    left = await redis.ttl(f"haat:document:{sha256(document)}")
    assert 86_000 < left <= 86_400


async def test_the_newest_push_the_oldest_out(
    process: PersistedDocuments, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await redis.delete("haat:document:all")
    monkeypatch.setattr(persisted_documents, "REDIS_CACHE_SIZE", 2)
    monkeypatch.setattr(persisted_documents, "LOCAL_CACHE_SIZE", 1)
    documents = [fresh() for _ in range(3)]
    for at, document in enumerate(documents):
        await store_document(process, named(document, document))
        await redis.zadd("haat:document:all", {f"haat:document:{sha256(document)}": at})
    kept = [await redis.exists(f"haat:document:{sha256(one)}") for one in documents]
    assert kept == [0, 1, 1]
    assert len(process._local) == 1


async def test_without_redis_it_is_just_not_found() -> None:
    documents = PersistedDocuments(NOWHERE)
    document = fresh()
    with pytest.raises(Exception, match="PersistedQueryNotFound"):
        await find_document(documents, named(document))
    assert await find_document(documents, named(document, document)) == document
    await store_document(documents, named(document, document))
    assert await find_document(documents, named(document)) == document, "this process still knows"
    await documents.close()

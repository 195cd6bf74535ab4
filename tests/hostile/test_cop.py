"""The twelve checks of graphql-cop, and what it finds here.

https://github.com/dolevf/graphql-cop
"""

import json

import httpx
import pytest
from sqlalchemy import text

from core.database import Database
from tests.client import Client
from tests.factories.world import World

HELLO = {"query": "query cop { __typename }"}
REGISTER = """
mutation cop {
  register(input: {email: "cop@haat.example", password: "kitchen-ladder-74", name: "Cop"}) {
    errors { code }
  }
}
"""
CIRCULAR = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"


async def test_alias_overloading(api: Client) -> None:
    many = " ".join(f"alias{number}: __typename" for number in range(101))
    assert await api.failed(f"query cop {{ {many} }}") == ["QUERY_TOO_COMPLEX"]


async def test_array_batching(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json=[HELLO] * 10)
    assert response.status_code == 400
    assert "data" not in response.json()


async def test_get_query(http: httpx.AsyncClient) -> None:
    """GET queries are accepted, as caches and the specification require, but not across sites."""
    assert (await http.get("/graphql", params=HELLO)).json()["data"] == {"__typename": "Query"}
    stealth = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    response = await http.get("/graphql", params=HELLO, headers=stealth)
    assert response.status_code == 403
    assert "data" not in response.json()


async def test_a_query_ignores_cookies(world: World, api: Client, http: httpx.AsyncClient) -> None:
    user = await world.user()
    token = api.signed_in(user).headers["Authorization"].removeprefix("Bearer ")
    cookies = "; ".join(f"{name}={token}" for name in ("token", "session", "Authorization"))
    asked = {"query": "{ viewer { id } }"}
    response = await http.get("/graphql", params=asked, headers={"Cookie": cookies})
    assert response.json()["data"] == {"viewer": None}
    assert "set-cookie" not in response.headers


async def test_urlencoded_post(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", data=HELLO)
    assert response.status_code == 415
    assert "data" not in response.json()


@pytest.mark.parametrize("query", ["query cop { __typename }", "query cop { nope }"])
async def test_tracing_and_debugging(http: httpx.AsyncClient, query: str) -> None:
    caller = {"X-Apollo-Tracing": "1", "X-Debug": "1", "Apollo-Federation-Include-Trace": "ftv1"}
    body = {"query": query, "extensions": {"tracing": True, "debug": True}}
    answer = (await http.post("/graphql?debug=1", json=body, headers=caller)).json()
    assert answer.get("extensions", {}).keys() <= {"cost"}
    assert all(error["extensions"].keys() == {"code"} for error in answer.get("errors", []))
    assert "Traceback" not in json.dumps(answer)


async def test_field_duplication(api: Client) -> None:
    many = "__typename " * 500
    assert await api.failed(f"query cop {{ {many} }}") == ["QUERY_TOO_COMPLEX"]


async def test_field_suggestions(api: Client) -> None:
    answer = await api.send("query cop { viewr { id } __schema { directive } }")
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert "Did you mean" not in json.dumps(answer)


@pytest.mark.parametrize("path", ["/", "/graphql", "/graphiql", "/playground", "/console"])
async def test_graphiql_and_playground(http: httpx.AsyncClient, path: str) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = (await http.get(path, headers=browser)).text.lower()
    assert not any(ide in page for ide in ("graphiql", "playground", "sandbox", "altair"))


@pytest.mark.parametrize(
    "query", ["{ __schema { types { name } } }", '{ __type(name: "User") { fields { name } } }']
)
async def test_introspection(api: Client, query: str) -> None:
    answer = await api.send(f"query cop {query}")
    assert answer.get("data") is None
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}


async def test_directive_overloading(api: Client) -> None:
    """graphql-cop counts the errors: one per directive would show that each costs work."""
    assert len(await api.failed(f"query cop {{ __typename {'@aa' * 10} }}")) < 10
    assert await api.failed(f"query cop {{ __typename {'@aa' * 51} }}") == ["QUERY_TOO_COMPLEX"]


async def test_circular_introspection(api: Client) -> None:
    answer = await api.send(CIRCULAR)
    assert answer.get("data") is None
    assert answer["errors"]


async def test_a_mutation_over_get(
    world: World, http: httpx.AsyncClient, database: Database
) -> None:
    response = await http.get("/graphql", params={"query": REGISTER})
    assert response.status_code == 405
    assert "data" not in response.json()
    async with database.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM registration")) == 0
    assert (await http.post("/graphql", json={"query": REGISTER})).json()["data"]
    async with database.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM registration")) == 1

"""Requests that are no GraphQL requests: a status each, and a JSON error."""

import json

import httpx
import pytest
from sqlalchemy import text

from tests.factories.world import World
from tests.web.conftest import codes

JSON = {"Content-Type": "application/json"}
HELLO = json.dumps({"query": "{ __typename }"})


async def send(http: httpx.AsyncClient, body: str | bytes, type: str | None) -> httpx.Response:
    headers = {"Content-Type": type} if type else {}
    return await http.post("/graphql", content=body, headers=headers)


@pytest.mark.parametrize(
    "type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'application/json; charset="UTF-8"',
        "Application/JSON",
        "application/graphql-response+json",
    ],
)
async def test_json_is_taken(http: httpx.AsyncClient, type: str) -> None:
    assert (await send(http, HELLO, type)).json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "type",
    [
        None,
        "",
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/jsonp",
        "application/json; charset=utf-16",
    ],
)
async def test_another_content_type_is_415(http: httpx.AsyncClient, type: str | None) -> None:
    response = await send(http, HELLO, type)
    assert response.status_code == 415
    assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "body", ["", "{", "NaN", '{"query": "{ __typename }"', b'{"query":"\xff"}']
)
async def test_malformed_json_is_400(http: httpx.AsyncClient, body: str | bytes) -> None:
    response = await send(http, body, "application/json")
    assert response.status_code == 400
    assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("body", ["null", "1", '"{ __typename }"', "true"])
async def test_json_that_is_no_object_is_400(http: httpx.AsyncClient, body: str) -> None:
    response = await send(http, body, "application/json")
    assert response.status_code == 400
    assert "JSON object" in response.text


async def test_a_batch_is_400_and_nothing_of_it_runs(http: httpx.AsyncClient) -> None:
    response = await send(http, f"[{HELLO}]", "application/json")
    assert response.status_code == 400
    assert codes(response) == ["BAD_USER_INPUT"]
    assert "Batches" in response.text


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_mutation_by_get_is_405(http: httpx.AsyncClient, accept: str) -> None:
    mutation = 'mutation { logOut(input: {refreshToken: "x"}) { errors { code } } }'
    response = await http.get("/graphql", params={"query": mutation}, headers={"Accept": accept})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert codes(response) == ["BAD_USER_INPUT"]


async def test_a_mutation_by_get_does_not_run_as_a_stream_either(http: httpx.AsyncClient) -> None:
    response = await http.get(
        "/graphql",
        params={"query": "mutation { __typename }"},
        headers={"Accept": "text/event-stream"},
    )
    assert '"message":"mutations are not allowed"' in response.text
    assert '"code":"BAD_USER_INPUT"' in response.text
    assert '"data"' not in response.text


async def test_a_query_by_get_runs_with_its_variables(http: httpx.AsyncClient) -> None:
    query = "query Kind($name: String!) { __type(name: $name) { kind } }"
    params = {"query": query, "variables": '{"name": "Offer"}', "extensions": ""}
    response = await http.get("/graphql", params=params)
    assert response.json()["data"] == {"__type": {"kind": "OBJECT"}}


@pytest.mark.parametrize("variables", ["{", "[]", "nonsense"])
async def test_variables_by_get_that_are_no_object_are_400(
    http: httpx.AsyncClient, variables: str
) -> None:
    params = {"query": "{ __typename }", "variables": variables}
    assert (await http.get("/graphql", params=params)).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
async def test_other_methods_are_405(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_a_subscription_without_a_stream_is_406(http: httpx.AsyncClient) -> None:
    query = 'subscription { vendorRedemptions(vendorId: "x") { cursor } }'
    response = await http.post("/graphql", json={"query": query})
    assert response.status_code == 406
    assert codes(response) == ["BAD_USER_INPUT"]


async def test_an_api_token_that_cannot_be_looked_up_is_503(
    http: httpx.AsyncClient, world: World
) -> None:
    """An anonymous response would look like an expired token to the program."""
    _, secret = await world.api_token(await world.user())
    headers = {"Authorization": f"Bearer {secret}"}
    async with world.database.session() as session, session.begin():
        await session.execute(text("LOCK TABLE api_token IN ACCESS EXCLUSIVE MODE"))
        response = await http.post("/graphql", content=HELLO, headers=headers | JSON)
    assert (response.status_code, codes(response)) == (503, ["UNAVAILABLE"])
    assert response.headers["retry-after"] == "2"
    response = await http.post("/graphql", content=HELLO, headers=headers | JSON)
    assert response.json()["data"] == {"__typename": "Query"}


async def test_the_page_is_only_for_browsers_that_ask_for_nothing(http: httpx.AsyncClient) -> None:
    browser = {"Accept": "text/html,*/*;q=0.8"}
    assert "<!doctype html>" in (await http.get("/graphql", headers=browser)).text.lower()
    asked = await http.get("/graphql", params={"query": "{ __typename }"}, headers=browser)
    assert asked.json()["data"] == {"__typename": "Query"}
    assert (await http.get("/graphql")).status_code == 400

"""In which media type an answer comes, and with which status."""

import httpx
import pytest

from tests.http.conftest import GRAPHQL, codes
from web.graphql.content_negotiation import EVENTS, JSON, response_media_type

APOLLO = f"{GRAPHQL}, {JSON};q=0.9"
URQL = f"{GRAPHQL}, application/graphql+json, {JSON}, {EVENTS}, multipart/mixed"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
NOT_EXECUTED = {
    "syntax": {"query": "{"},
    "no such field": {"query": "{ nope }"},
    "no such operation": {"query": "query A { __typename }", "operationName": "B"},
    "which operation": {"query": "query A { __typename } query B { __typename }"},
    "a variable of another kind": {
        "query": "query A($id: ID!) { node(id: $id) { id } }",
        "variables": {"id": None},
    },
}
UNFIT = [
    pytest.param({"query": query}, id=name) for name, query in (("empty", ""), ("null", None))
] + [
    pytest.param({"query": "{ __typename }", part: wrong}, id=f"{part} {wrong}")
    for part, wrong in (
        ("operationName", 1),
        ("variables", []),
        ("variables", "{}"),
        ("extensions", 1),
        ("documentId", {}),
    )
]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/plain", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0, {JSON};q=0.1", JSON),
        (f"{GRAPHQL};q=nonsense, {JSON};q=0.1", JSON),
        (EVENTS, EVENTS),
        (APOLLO, GRAPHQL),
        (URQL, GRAPHQL),
        (BROWSER, JSON),
    ],
)
def test_the_favourite_of_the_caller_is_spoken(accept: str, expected: str) -> None:
    assert response_media_type(accept) == expected


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_an_answer_says_its_media_type(http: httpx.AsyncClient, accept: str) -> None:
    query = {"query": "{ __typename }"}
    response = await http.post("/graphql", json=query, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("body", NOT_EXECUTED.values(), ids=NOT_EXECUTED)
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL, 400)])
async def test_what_did_not_execute_has_no_data(
    http: httpx.AsyncClient, body: dict[str, object], accept: str, status: int
) -> None:
    response = await http.post("/graphql", json=body, headers={"Accept": accept})
    assert response.status_code == status
    assert codes(response) == ["BAD_USER_INPUT"]


async def test_what_executed_is_200_though_a_field_failed(http: httpx.AsyncClient) -> None:
    response = await http.post(
        "/graphql", json={"query": '{ node(id: "nonsense") { id } }'}, headers={"Accept": GRAPHQL}
    )
    answer = response.json()
    assert response.status_code == 200
    assert answer["data"] == {"node": None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("body", UNFIT)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL, EVENTS])
async def test_what_is_no_request_is_400(
    http: httpx.AsyncClient, body: dict[str, object], accept: str
) -> None:
    response = await http.post("/graphql", json=body, headers={"Accept": accept})
    assert response.status_code == 400
    spoken = GRAPHQL if accept == GRAPHQL else JSON
    assert response.headers["content-type"] == f"{spoken}; charset=utf-8"
    assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("query", ["{", "query A { __typename } query B { __typename }"])
async def test_a_stream_tells_what_did_not_execute(http: httpx.AsyncClient, query: str) -> None:
    response = await http.post("/graphql", json={"query": query}, headers={"Accept": EVENTS})
    assert response.status_code == 200
    assert "BAD_USER_INPUT" in response.text
    assert "event: complete" in response.text

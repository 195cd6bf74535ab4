"""Media type and status of a response."""

from typing import Any

import httpx
import pytest
from werkzeug import http

from tests.web.conftest import GRAPHQL, codes
from web.graphql import content_negotiation
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
def test_the_preferred_media_type_is_chosen(accept: str, expected: str) -> None:
    assert response_media_type(accept) == expected


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_response_has_its_media_type(http: httpx.AsyncClient, accept: str) -> None:
    query = {"query": "{ __typename }"}
    response = await http.post("/graphql", json=query, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("body", NOT_EXECUTED.values(), ids=NOT_EXECUTED)
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL, 400)])
async def test_an_operation_that_was_not_executed_has_no_data(
    http: httpx.AsyncClient, body: dict[str, object], accept: str, status: int
) -> None:
    response = await http.post("/graphql", json=body, headers={"Accept": accept})
    assert response.status_code == status
    assert codes(response) == ["BAD_USER_INPUT"]


async def test_an_executed_operation_with_a_field_error_is_200(http: httpx.AsyncClient) -> None:
    response = await http.post(
        "/graphql", json={"query": '{ node(id: "nonsense") { id } }'}, headers={"Accept": GRAPHQL}
    )
    answer = response.json()
    assert response.status_code == 200
    assert answer["data"] == {"node": None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("body", UNFIT)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL, EVENTS])
async def test_a_bad_request_is_400(
    http: httpx.AsyncClient, body: dict[str, object], accept: str
) -> None:
    response = await http.post("/graphql", json=body, headers={"Accept": accept})
    assert response.status_code == 400
    spoken = GRAPHQL if accept == GRAPHQL else JSON
    assert response.headers["content-type"] == f"{spoken}; charset=utf-8"
    assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("query", ["{", "query A { __typename } query B { __typename }"])
async def test_a_stream_sends_the_error_of_an_operation_that_was_not_executed(
    http: httpx.AsyncClient, query: str
) -> None:
    response = await http.post("/graphql", json={"query": query}, headers={"Accept": EVENTS})
    assert response.status_code == 200
    assert "BAD_USER_INPUT" in response.text
    assert "event: complete" in response.text


def test_only_the_start_of_a_long_header_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = http.parse_accept_header

    def record(header: str) -> Any:
        parsed.append(header)
        return parse(header)

    monkeypatch.setattr(content_negotiation, "parse_accept_header", record)
    assert content_negotiation.accepted_languages("de;" + "q" * 65_536) == ["de"]
    assert max(map(len, parsed)) <= content_negotiation.MAX_HEADER_LENGTH

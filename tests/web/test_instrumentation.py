"""Metrics and logs of operations, which contain no text from the client."""

from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from core.documents.trusted_documents import sha256
from core.observability.request_log import request_log
from tests.web.conftest import TRUSTED


def counted(kind: str, outcome: str, operation: str) -> float:
    labels = {"kind": kind, "operation": operation, "outcome": outcome}
    return REGISTRY.get_sample_value("haat_graphql_operations_total", labels) or 0


def timed(kind: str, operation: str) -> float:
    labels = {"kind": kind, "operation": operation}
    return REGISTRY.get_sample_value("haat_graphql_operation_seconds_count", labels) or 0


SUBSCRIPTION = 'subscription { vendorRedemptions(vendorId: "nonsense") { cursor } }'


@pytest.mark.parametrize(
    ("query", "kind", "operation", "outcome"),
    [
        ("{ __typename }", "query", "__typename", "OK"),
        ("query Secret { secret: viewer { id } }", "query", "viewer", "OK"),
        ("{ viewer { id } categories { id } }", "query", "several", "OK"),
        ("mutation { __typename }", "mutation", "__typename", "OK"),
        ('{ node(id: "nonsense") { id } }', "query", "node", "BAD_USER_INPUT"),
        ("{ nope }", "query", "unknown", "BAD_USER_INPUT"),
        ("{", "unknown", "unknown", "BAD_USER_INPUT"),
        (SUBSCRIPTION, "subscription", "vendorRedemptions", "BAD_USER_INPUT"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/event-stream"])
async def test_an_operation_is_counted_once_by_kind_field_and_outcome(
    http: httpx.AsyncClient, query: str, kind: str, operation: str, outcome: str, accept: str
) -> None:
    before, seconds = counted(kind, outcome, operation), timed(kind, operation)
    await http.post("/graphql", json={"query": query}, headers={"Accept": accept})
    assert counted(kind, outcome, operation) == before + 1
    assert timed(kind, operation) == seconds + (kind != "subscription")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Collect the log events of requests."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(
        request_log, "write", lambda event, _, **fields: found.append({"event": event} | fields)
    )
    return found


async def test_a_log_line_has_no_text_from_the_client(
    http: httpx.AsyncClient, lines: list[dict[str, Any]]
) -> None:
    query = "query Secret($secret: String!) { __type(name: $secret) { name } }"
    await http.post("/graphql", json={"query": query, "variables": {"secret": "Secret"}})
    (line,) = lines
    assert line.pop("ms") >= 0
    request = {"event": "http.request", "method": "POST", "path": "/graphql", "status": 200}
    assert line == request | {"kind": "query", "operation": "__type", "outcome": "OK"}


async def test_a_trusted_document_is_labeled_by_its_name(
    trusting: httpx.AsyncClient, lines: list[dict[str, Any]]
) -> None:
    before = counted("query", "OK", "Hello")
    for name in ("Hello", "Nonsense"):
        body = {"documentId": sha256(TRUSTED), "operationName": name}
        await trusting.post("/graphql", json=body)
    assert counted("query", "OK", "Hello") == before + 1
    assert [line.get("operation") for line in lines] == ["Hello", "unknown"]

"""Requests that are sent through the short path and through the full stack."""

from typing import Any

from core.documents.trusted_documents import sha256
from web.middleware.body_limit import MAX_BODY_BYTES
from web.pages.tabs import EXAMPLES

TYPENAME = {"query": "{ __typename }"}
HELLO = "query Hello { __typename }"
PAGE = "query Page($first: Int) { offers(first: $first) { nodes { id title } totalCount } }"
LARGE = '{ __type(name: "Offer") { name fields { name description } } }'
NAMED = "query A { __typename } query B { categories { id } }"
LIKE = "mutation ($id: ID!) { likeOffer(input: {offerId: $id}) { errors { code message } } }"
LOG_OUT = "mutation { logOut(input: {}) { errors { code } } }"
INTROSPECTION = "{ __schema { queryType { name } } __type(name: $OFFER) { name } }"
HASH = {"persistedQuery": {"version": 1, "sha256Hash": sha256(HELLO)}}
WRONG_HASH = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
JSON = {"Content-Type": "application/json"}
LOCAL = "http://localhost:3000"


def post(query: str, **more: Any) -> dict[str, Any]:
    headers = more.pop("headers", {})
    return {"method": "POST", "json": {"query": query} | more, "headers": headers}


def posted(*parts: bytes) -> dict[str, Any]:
    """Return a POST whose body arrives in these parts."""
    return {"method": "POST", "content": parts, "headers": JSON}


def get(headers: dict[str, str] | None = None, **params: str) -> dict[str, Any]:
    return {"method": "GET", "params": params, "headers": headers or {}}


def asking(**headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return post("{ __typename }", headers=named)


# These take the short path once their document is known.
ORDINARY: dict[str, dict[str, Any]] = {
    "typename": asking(),
    "get": get(query="{ __typename }"),
    "get with variables": get(query=PAGE, variables='{"first": 2}', operationName="Page"),
    "get of a link": get({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, query=HELLO),
    "page": post(PAGE, variables={"first": 3}),
    "page by default": post(PAGE),
    "page of null": post(PAGE, variables={"first": None}),
    "page of a float": post(PAGE, variables={"first": 3.0}),
    "page of true": post(PAGE, variables={"first": True}),
    "page too large": post(PAGE, variables={"first": 1000}),
    "page of text": post(PAGE, variables={"first": "many"}),
    "unused variables": post("{ __typename }", variables={"a": [1, {"b": None}]}),
    "null parts": post("{ __typename }", variables=None, operationName=None, extensions=None),
    "named": post(NAMED, operationName="B"),
    "bad id": post('{ node(id: "nonsense") { id } }'),
    "unknown id": post('{ a: node(id: "T2ZmZXI6eA==") { id } viewer { id } }'),
    "missing variable": post("query ($id: ID!) { node(id: $id) { id } }"),
    "mutation": post("mutation { __typename }"),
    "mutation without a user": post(LIKE, variables={"id": "T2ZmZXI6eA=="}),
    "hash": post(HELLO, extensions=HASH),
    "hash alone": {"method": "POST", "json": {"extensions": HASH}},
    "documentId": {"method": "POST", "json": {"documentId": f"sha256:{sha256(HELLO)}"}},
    "gzip": post(LARGE, headers={"Accept-Encoding": "gzip, br"}),
    "small for gzip": asking(Accept_Encoding="gzip"),
    "large without gzip": post(LARGE, headers={"Accept-Encoding": "identity"}),
    "local origin": asking(Origin=LOCAL),
    "local origin and gzip": post(LARGE, headers={"Accept-Encoding": "gzip", "Origin": LOCAL}),
    "other origin": asking(Origin="https://evil.example"),
    "GraphQL's type": asking(Accept="application/graphql-response+json"),
    "GraphQL's type, error": post(
        '{ node(id: "x") { id } }', headers={"Accept": "application/graphql-response+json"}
    ),
    "languages": post('{ node(id: "x") { id } }', headers={"Accept-Language": "de, en;q=0.5"}),
    "charset": asking(Content_Type="application/json; charset=UTF-8"),
    "request id": asking(X_Request_ID="0b7a4a3e8f7e4b0f9f0b8f7a1c2d3e4f"),
    "introspection": post(INTROSPECTION.replace("$OFFER", '"Offer"')),
    "in parts": posted(b'{"query":"{ __ty', b'pename }"}'),
} | {path.name: post(path.read_text()) for path in sorted(EXAMPLES.glob("[bw][ra][ol]*.graphql"))}

# The full stack answers these, also when their document is known.
OTHERS: dict[str, dict[str, Any]] = {
    "stream": asking(Accept="text/event-stream"),
    "page of GraphiQL": get({"Accept": "text/html", "Accept-Encoding": "identity"}),
    "html and a query": get({"Accept": "text/html"}, query="{ __typename }"),
    "slash": {"method": "POST", "url": "/graphql/", "json": TYPENAME},
    "preflight": {
        "method": "OPTIONS",
        "headers": {"Origin": LOCAL, "Access-Control-Request-Method": "POST"},
    },
    "options": {"method": "OPTIONS"},
    "head": {"method": "HEAD", "params": TYPENAME},
    "delete": {"method": "DELETE"},
    "get without a query": get(),
    "other site": get({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, query=HELLO),
    "multipart": {"method": "POST", "files": {"map": "{}"}},
    "text": asking(Content_Type="text/plain"),
    "no JSON": posted(b"{"),
    "surrogate": posted(b'{"query":"\\ud800"}'),
    "batch": {"method": "POST", "json": [TYPENAME]},
    "no query": {"method": "POST", "json": {}},
    "query is a number": {"method": "POST", "json": {"query": 1}},
    "too large": {"method": "POST", "content": b" " * (MAX_BODY_BYTES + 1), "headers": JSON},
    "too large in parts": posted(b" " * MAX_BODY_BYTES, b"  "),
    "syntax error": post("{"),
    "unknown field": post("{ nope }"),
    "too complex": post(
        "{ vendors(first: 100) { nodes { offers(first: 100) { nodes { id } } } } }"
    ),
    "too many values": post("{ __typename }", variables={"a": [0] * 2_000}),
    "no operation name": post(NAMED),
    "unknown operation name": post(NAMED, operationName="C"),
    "empty operation name": post(NAMED, operationName=""),
    "unknown hash": {"method": "POST", "json": {"extensions": WRONG_HASH}},
    "wrong hash": post("{ __typename }", extensions=WRONG_HASH),
    "no hash": post("{ __typename }", extensions={"persistedQuery": 1}),
    "mutation by GET": get(query=LOG_OUT),
    "subscription": post("subscription { inboxChanges { __typename } }"),
    "bad request id": asking(X_Request_ID="nonsense"),
    "wrong token": asking(Authorization="Bearer nonsense"),
    "other scheme": asking(Authorization="Basic nonsense"),
    "unknown API token": asking(Authorization="Bearer haat_nonsense"),
}

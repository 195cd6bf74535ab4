"""What a request asks for, read from its body, its address or a socket's message."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cross_web import AsyncHTTPRequestAdapter, HTTPException
from strawberry.http import GraphQLRequestData, GraphQLRequestProtocol

from web.graphql.content_negotiation import is_json

Decode = Callable[[str | bytes], Any]
PARTS: dict[str, tuple[type, str]] = {
    "query": (str, "a string"),
    "operationName": (str, "a string"),
    "documentId": (str, "a string"),
    "variables": (dict, "an object"),
    "extensions": (dict, "an object"),
}
SHA256 = re.compile(r"[0-9a-f]{64}")


class BadRequest(HTTPException):
    """A request that is no GraphQL request. Answered with its status and a JSON error."""

    def __init__(self, status_code: int, reason: str, headers: Mapping[str, str] = {}) -> None:
        super().__init__(status_code, reason)
        self.headers = headers


@dataclass
class GraphQLRequest(GraphQLRequestData):
    """A request as Strawberry knows it, and the hash it names its document by."""

    sha256: str | None = None

    @classmethod
    def of(cls, given: Any, protocol: GraphQLRequestProtocol = "http") -> "GraphQLRequest":
        """From what JSON said; `BadRequest` tells what is wrong with it."""
        if isinstance(given, list):
            raise BadRequest(400, "One operation to a request: batches are not taken.")
        if not isinstance(given, dict):
            raise BadRequest(400, "A GraphQL request is a JSON object.")
        for part, (kind, said) in PARTS.items():
            if not isinstance(given.get(part), kind | None):
                raise BadRequest(400, f"`{part}` must be {said} or null.")
        asked = cls(
            query=given.get("query") or None,
            variables=given.get("variables"),
            operation_name=given.get("operationName"),
            extensions=given.get("extensions"),
            protocol=protocol,
            sha256=_hash(given),
        )
        if asked.query is None and asked.sha256 is None:
            raise BadRequest(400, "The request has no `query`.")
        return asked


async def read_body(request: AsyncHTTPRequestAdapter, decode: Decode) -> Any:
    """The JSON of a POST, which must say that it is JSON: pages of others cannot without leave."""
    if not is_json(request.content_type or ""):
        raise BadRequest(415, "Send the request as `Content-Type: application/json`.")
    return _decoded("request body", await request.get_body(), decode)


def read_query_params(request: AsyncHTTPRequestAdapter, decode: Decode) -> dict[str, Any]:
    """The parameters of a GET; empty ones count as absent."""
    given: dict[str, Any] = {name: said for name, said in request.query_params.items() if said}
    for part in ("variables", "extensions"):
        if part in given:
            given[part] = _decoded(f"`{part}`", given[part], decode)
    return given


def reject_cross_site_get(request: AsyncHTTPRequestAdapter) -> None:
    """Refuse a GET that a page of another site makes without asking, as by an `<img>`.

    Apollo demands a header that such a page cannot send (`apollo-require-preflight`)
    of every GET. The draft doesn't, and its audits ask plainly; so we go by what the
    browser itself says (Fetch Metadata). A visit to a link is let pass, and so is a
    `fetch`, which CORS guards: a GET changes nothing, and we know nobody by a cookie.
    """
    said = request.headers
    mode = said.get("sec-fetch-mode")
    visit = mode == "navigate" and said.get("sec-fetch-dest") == "document"
    if said.get("sec-fetch-site") == "cross-site" and mode != "cors" and not visit:
        raise BadRequest(403, "A page of another site may ask only by `fetch`.")


def _decoded(what: str, said: str | bytes, decode: Decode) -> Any:
    try:
        return decode(said)
    except ValueError as error:
        raise BadRequest(400, f"The {what} is not JSON.") from error


def _hash(given: Mapping[str, Any]) -> str | None:
    """By Apollo's protocol, or the draft's `documentId`; one that is no sha256 names nothing."""
    persisted = (given.get("extensions") or {}).get("persistedQuery")
    if persisted is None:
        named = given.get("documentId")
        return named.removeprefix("sha256:").lower() if named else None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise BadRequest(400, "`persistedQuery` must be an object with `version: 1`.")
    named = persisted.get("sha256Hash")
    if not isinstance(named, str) or not SHA256.fullmatch(named.lower()):
        raise BadRequest(400, "`sha256Hash` must be a sha256 in hexadecimal digits.")
    return named.lower()

"""Parses GraphQL requests."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from cross_web import AsyncHTTPRequestAdapter, HTTPException
from strawberry.http import GraphQLRequestData, GraphQLRequestProtocol

from core.documents import trusted_documents
from core.documents.persisted_documents import SHA256
from web.graphql.content_negotiation import is_json

Decode = Callable[[str | bytes], Any]
# The size of the body, message or query string that the current task has decoded last.
received_bytes: ContextVar[int] = ContextVar("received_bytes", default=0)
NULL = type(None)
PARTS: dict[str, tuple[tuple[type, type], str]] = {
    "query": ((str, NULL), "a string"),
    "operationName": ((str, NULL), "a string"),
    "documentId": ((str, NULL), "a string"),
    "variables": ((dict, NULL), "an object"),
    "extensions": ((dict, NULL), "an object"),
}


class BadRequest(HTTPException):
    """Not a GraphQL request. The response has this status and a JSON error."""

    def __init__(self, status_code: int, reason: str, headers: Mapping[str, str] = {}) -> None:
        super().__init__(status_code, reason)
        self.headers = headers


@dataclass
class GraphQLRequest(GraphQLRequestData):
    """Strawberry's request data, plus the SHA-256 that names its document, and its size."""

    sha256: str | None = None
    size: int = 0

    @classmethod
    def of(cls, given: Any, protocol: GraphQLRequestProtocol = "http") -> "GraphQLRequest":
        """Validate decoded JSON. Raises `BadRequest` with the reason."""
        if isinstance(given, list):
            raise BadRequest(400, "Send one operation per request. Batches are not supported.")
        if not isinstance(given, dict):
            raise BadRequest(400, "A GraphQL request must be a JSON object.")
        for part, (kinds, expected) in PARTS.items():
            if not isinstance(given.get(part), kinds):
                raise BadRequest(400, f"`{part}` must be {expected} or null.")
        request = cls(
            query=given.get("query") or None,
            variables=given.get("variables"),
            operation_name=given.get("operationName"),
            extensions=given.get("extensions"),
            protocol=protocol,
            sha256=_hash(given),
            size=received_bytes.get(),
        )
        if request.query is None and request.sha256 is None:
            raise BadRequest(400, "The request has no `query`. Send `query` or a document hash.")
        return request


async def read_body(request: AsyncHTTPRequestAdapter, decode: Decode) -> Any:
    """Decode the JSON body of a POST.

    Another site's page can only send the JSON content type after a CORS preflight.
    """
    if not is_json(request.content_type or ""):
        raise BadRequest(415, "Send the request as `Content-Type: application/json`.")
    return decode_body(await request.get_body(), decode)


def decode_body(body: str | bytes, decode: Decode) -> Any:
    """Decode the body of a POST. Raises `BadRequest` if it is not JSON."""
    return _decoded("request body", body, decode)


def read_query_params(request: AsyncHTTPRequestAdapter, decode: Decode) -> dict[str, Any]:
    """Return the parameters of a GET. Empty ones count as absent.

    All of them count as received, also if one is not JSON: `decode` notes only the size of the
    last, which can be an empty object behind large variables.
    """
    given: dict[str, Any] = {name: value for name, value in request.query_params.items() if value}
    size = sum(len(text.encode()) for pair in given.items() for text in pair)
    try:
        for part in ("variables", "extensions"):
            if part in given:
                given[part] = _decoded(f"`{part}`", given[part], decode)
    finally:
        received_bytes.set(size)
    return given


def reject_cross_site_get(request: AsyncHTTPRequestAdapter) -> None:
    """Reject a GET that another site's page sends without CORS, such as an `<img>`.

    Apollo requires a header (`apollo-require-preflight`) on every GET. The draft does not, and its
    audits send plain GETs, so this checks Fetch Metadata headers. Links are allowed. So is `fetch`,
    which CORS protects: a GET changes nothing, and cookies do not authenticate.
    """
    headers = request.headers
    mode = headers.get("sec-fetch-mode")
    navigation = mode == "navigate" and headers.get("sec-fetch-dest") == "document"
    if headers.get("sec-fetch-site") == "cross-site" and mode != "cors" and not navigation:
        raise BadRequest(403, "Cross-site GET requests must use `fetch`.")


def _decoded(what: str, text: str | bytes, decode: Decode) -> Any:
    try:
        return decode(text)
    except ValueError as error:
        raise BadRequest(
            400, f"The {what} is not valid JSON, or contains half a surrogate pair."
        ) from error


def _hash(given: Mapping[str, Any]) -> str | None:
    """Return the hash from Apollo's extension or the draft's `documentId`.

    Both may have the prefix `sha256:`, which the client preset of GraphQL Code Generator writes. A
    `documentId` that is not a SHA-256 matches no document.
    """
    persisted = (given.get("extensions") or {}).get("persistedQuery")
    if persisted is None:
        named = given.get("documentId")
        return trusted_documents.bare(named) if named else None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise BadRequest(400, "`persistedQuery` must be an object with `version: 1`.")
    named = persisted.get("sha256Hash")
    if not isinstance(named, str) or not SHA256.fullmatch(trusted_documents.bare(named)):
        raise BadRequest(400, "`sha256Hash` must be a SHA-256 in hexadecimal digits.")
    return trusted_documents.bare(named)

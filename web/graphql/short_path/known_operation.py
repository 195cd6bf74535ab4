"""Reads requests for operations that this process has validated before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cross_web import HTTPException, StarletteRequestAdapter
from graphql import OperationDefinitionNode, OperationType, get_operation_ast
from starlette.requests import Request
from starlette.types import Scope

from core.documents.persisted_documents import PersistedDocuments
from core.documents.trusted_documents import sha256
from engine.context import AppState
from engine.limits.document_cache import ParsedDocument
from engine.limits.document_limits import find_variables_violation
from web.graphql.browser_requests import asks_for_browser_mode
from web.graphql.content_negotiation import EVENTS, is_json, response_media_type
from web.graphql.endpoint import decode
from web.graphql.graphql_request import (
    GraphQLRequest,
    decode_body,
    read_query_params,
    reject_cross_site_get,
)
from web.graphql.short_path.received_body import ReceivedBody

METHODS = {"GET", "POST"}


@dataclass(slots=True, frozen=True)
class KnownOperation:
    """An operation of a valid document, and the request for it."""

    request: GraphQLRequest
    parsed: ParsedDocument
    node: OperationDefinitionNode

    @property
    def name(self) -> str | None:
        return self.node.name.value if self.node.name else None

    @property
    def text(self) -> str:
        """The document, as it was parsed."""
        location = self.parsed.document.loc
        return location.source.body if location else ""

    @property
    def variables(self) -> dict[str, Any]:
        return self.request.variables or {}


def is_plain(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Return whether it is a request for one JSON response, judged by its head."""
    if asks_for_browser_mode(headers):  # its answers are one caller's, and can change the cookie
        return False
    accept = headers.get("accept", "")
    if response_media_type(accept) == EVENTS:
        return False
    if scope["method"] == "GET":
        return "text/html" not in accept  # else it may be for GraphiQL
    return is_json(headers.get("content-type", ""))


async def read_sent(scope: Scope, headers: Mapping[str, str], body: ReceivedBody) -> bytes | None:
    """Return the query string or the body. None if the body is incomplete or too large."""
    if scope["method"] == "GET":
        sent: bytes = scope["query_string"]
        return sent
    return await body.read(headers.get("content-length", ""))


def find_known(app: AppState, scope: Scope, sent: bytes) -> KnownOperation | None:
    """Return the operation that is requested, None if the full stack must read the request."""
    try:
        request = GraphQLRequest.of(_decoded(scope, sent))
    except HTTPException:
        return None
    if find_variables_violation(request.variables):
        return None
    text = _find_text(app.persisted_documents, request)
    parsed = app.document_cache.find_valid(text) if text else None
    if parsed is None:
        return None
    node = get_operation_ast(parsed.document, request.operation_name)
    allowed = {OperationType.QUERY}
    if scope["method"] == "POST":
        allowed.add(OperationType.MUTATION)
    # Strawberry takes an empty name for none.
    if node is None or node.operation not in allowed or request.operation_name == "":
        return None
    return KnownOperation(request, parsed, node)


def _decoded(scope: Scope, sent: bytes) -> Any:
    if scope["method"] == "GET":
        request = StarletteRequestAdapter(Request(scope))
        reject_cross_site_get(request)
        return read_query_params(request, decode)
    return decode_body(sent, decode)


def _find_text(documents: PersistedDocuments, request: GraphQLRequest) -> str | None:
    """Return the document, if the full stack would find it here and would not store it."""
    if request.sha256 is None:
        return None if documents.only_trusted else request.query
    if request.query is not None and sha256(request.query) != request.sha256:
        return None
    return documents.find_here(request.sha256)

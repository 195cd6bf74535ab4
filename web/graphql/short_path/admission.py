"""Admits callers to the short path: it authenticates and charges them."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Scope

from core.limits.buckets import Charge
from engine.context import Context
from engine.limits.known_operations import pay
from engine.strawberry_internals import graphql_schema
from web.graphql.endpoint import AUTHENTICATED, Endpoint
from web.graphql.graphql_request import BadRequest
from web.graphql.short_path.known_operation import KnownOperation
from web.graphql.short_path.received_body import ReceivedBody


@dataclass(slots=True, frozen=True)
class Admission:
    """A caller that has paid for its operation. `price` is that of the operation alone."""

    context: Context
    price: int
    points: int
    charge: Charge


async def admit(
    endpoint: Endpoint,
    scope: Scope,
    headers: Mapping[str, str],
    body: ReceivedBody,
    known: KnownOperation,
) -> Admission | None:
    """Charge the caller. Returns None if the full stack must answer, because it would refuse.

    Then nothing was charged, and the scope has what the authentication found: it may have counted
    or recorded a wrong token already.
    """
    try:
        is_gone = Request(scope, body.receive_next).is_disconnected
        context = await endpoint.authenticate(scope, headers, is_gone)
    except BadRequest as problem:
        scope[AUTHENTICATED] = problem
        return None
    scope[AUTHENTICATED] = context
    context.request_bytes = known.request.size
    schema = graphql_schema(endpoint.schema)
    payment = await pay(context, schema, known.parsed, known.node, known.variables)
    if payment is None:
        return None
    del scope[AUTHENTICATED]  # the context refers to the scope: a cycle would need the collector
    documents, request = context.app.persisted_documents, known.request
    if request.query is None or documents.only_trusted:
        documents.count(request.sha256)
    return Admission(context, *payment)

"""Public queries on the short path: their answers are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

from starlette.types import Scope

from core.answers.kept_answer import KeptAnswer
from core.limits import keys
from core.limits.buckets import Charge
from engine.instrumentation import label_of, record_kept
from engine.limits.charging import points_of_size
from engine.public_answers.answers import HIT
from engine.public_answers.operation import PublicQuery
from engine.strawberry_internals import graphql_schema
from web.access_log import RequestRecord
from web.graphql.content_negotiation import accepted_languages
from web.graphql.endpoint import Endpoint
from web.graphql.short_path.admission import Admission
from web.graphql.short_path.known_operation import KnownOperation


@dataclass(frozen=True, slots=True)
class PaidAnswer:
    """An answer of this process, for which an anonymous caller has paid. `age` is in seconds."""

    answer: KeptAnswer
    age: float
    points: int
    charge: Charge


def public_query(
    endpoint: Endpoint, headers: Mapping[str, str], known: KnownOperation
) -> PublicQuery | None:
    """Return the query for a public answer. None if it is not public, or not anonymous."""
    seconds = endpoint.app.public_answers.seconds
    if not seconds or "authorization" in headers:
        return None
    schema = graphql_schema(endpoint.schema)
    operation = known.parsed.public(schema, known.node, seconds)
    languages = accepted_languages(headers.get("accept-language", ""))
    return operation.query(known.variables, languages)


def find_paid(
    endpoint: Endpoint,
    scope: Scope,
    known: KnownOperation,
    query: PublicQuery,
    record: RequestRecord,
) -> PaidAnswer | None:
    """Return the answer if this process keeps it, and the caller's allowance pays for it.

    Otherwise nothing was spent. The price is that of its execution.
    """
    started, app = perf_counter(), endpoint.app
    held = app.public_answers.find(query)
    if held is None:
        return None
    address = endpoint.caller_of(scope)
    points = max(held.answer.points, points_of_size(known.request.size))
    charge = app.local_allowances.spend(keys.of_network(address), points)
    if charge is None:
        return None
    HIT.inc()
    documents, request = app.persisted_documents, known.request
    if request.query is None or documents.only_trusted:
        documents.count(request.sha256)
    label = label_of(app, graphql_schema(endpoint.schema), known.node, known.name)
    record_kept(record.operation, label, started)
    return PaidAnswer(held.answer, held.age, points, charge)


def grant_allowance(endpoint: Endpoint, admission: Admission) -> None:
    """Let an anonymous caller that Redis has charged spend a little without Redis."""
    app, network = endpoint.app, keys.of_network(admission.context.address)
    app.local_allowances.grant(network, app.settings.anonymous_bucket, admission.charge)

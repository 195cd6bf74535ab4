"""Public queries on the short path: their answers are kept."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

from starlette.types import Scope

from core.answers.kept_answer import KeptAnswer
from core.limits import keys
from core.limits.buckets import Charge
from engine.instrumentation import Label, label_of, record_kept
from engine.limits.charging import points_of_size
from engine.public_answers.answers import HIT
from engine.public_answers.operation import PublicQuery
from engine.strawberry_internals import graphql_schema
from web.graphql.content_negotiation import accepted_languages
from web.graphql.endpoint import Endpoint
from web.graphql.short_path.known_operation import KnownOperation
from web.middleware.access_log import RequestRecord

MAX_REMEMBERED = 1_000
MAX_REMEMBERED_BYTES = 4_096

Sent = tuple[str, bytes, str]
"""The method of a request, its query string or body, and its languages."""


@dataclass(frozen=True, slots=True)
class PublicRequest:
    """A request of an anonymous caller for a public answer."""

    known: KnownOperation
    query: PublicQuery
    label: Label


@dataclass(frozen=True, slots=True)
class PaidAnswer:
    """An answer of this process, for which an anonymous caller has paid. `age` is in seconds."""

    answer: KeptAnswer
    age: float
    points: int
    charge: Charge


class PublicRequests:
    """Finds the kept answers to requests.

    A request whose answer was found is remembered by what was sent, so that an equal one is not
    read again: the latest 1,000, of at most 4 KiB each.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint, self._app = endpoint, endpoint.app
        self._schema = graphql_schema(endpoint.schema)
        self._remembered: OrderedDict[Sent, PublicRequest] = OrderedDict()

    def recall(self, sent: Sent, headers: Mapping[str, str]) -> PublicRequest | None:
        """Return an equal request. None if its document was evicted, or if it may be refused."""
        request = self._remembered.get(sent)
        if request is None or "authorization" in headers:
            return None
        if sent[0] == "GET" and headers.get("sec-fetch-site") == "cross-site":
            return None
        known = request.known
        if self._app.document_cache.find_valid(known.text) is not known.parsed:
            return None
        self._remembered.move_to_end(sent)
        return request

    def read(self, known: KnownOperation, headers: Mapping[str, str]) -> PublicRequest | None:
        """Return the request for a public answer. None if it is not public, or not anonymous."""
        seconds = self._app.public_answers.seconds
        if not seconds or "authorization" in headers:
            return None
        operation = known.parsed.public(self._schema, known.node, seconds)
        languages = accepted_languages(headers.get("accept-language", ""))
        query = operation.query(known.variables, languages)
        if query is None:
            return None
        return PublicRequest(
            known, query, label_of(self._app, self._schema, known.node, known.name)
        )

    def pay(
        self, request: PublicRequest, sent: Sent, scope: Scope, record: RequestRecord
    ) -> PaidAnswer | None:
        """Return the answer if this process keeps it, and the caller's allowance pays for it.

        Otherwise nothing was spent. The price is that of the execution.
        """
        started, known = perf_counter(), request.known
        held = self._app.public_answers.find(request.query)
        if held is None:
            return None
        network = keys.of_network(self._endpoint.caller_of(scope))
        points = max(held.answer.points, points_of_size(known.request.size))
        charge = self._app.local_allowances.spend(network, points)
        if charge is None:
            return None
        HIT.inc()
        self._remember(sent, request)
        documents = self._app.persisted_documents
        if known.request.query is None or documents.only_trusted:
            documents.count(known.request.sha256)
        record_kept(record.operation, request.label, started)
        return PaidAnswer(held.answer, held.age, points, charge)

    def _remember(self, sent: Sent, request: PublicRequest) -> None:
        if sent in self._remembered or sum(map(len, sent)) > MAX_REMEMBERED_BYTES:
            return
        self._remembered[sent] = request
        if len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)

"""The short path: answers ordinary GraphQL requests before the layers of the full stack."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import uuid4

from asgi_correlation_id import correlation_id
from asgi_correlation_id.middleware import is_valid_uuid4
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.types import ExecutionResult

from core.observability import metrics
from engine.limits.extension import cost_result
from engine.public_answers.operation import PublicQuery
from web.access_log import RequestRecord
from web.graphql.endpoint import Endpoint
from web.graphql.short_path.admission import Admission, admit
from web.graphql.short_path.execution import execute_known
from web.graphql.short_path.known_operation import METHODS, KnownOperation, find_known, is_plain
from web.graphql.short_path.public import PaidAnswer, find_paid, grant_allowance, public_query
from web.graphql.short_path.received_body import ReceivedBody
from web.graphql.short_path.response_heads import RawHeaders, ResponseHeads
from web.graphql.short_path.sending import Responder

PATH = "/graphql"
REQUEST_ID = "X-Request-ID"

_short, _full = metrics.PATHS.labels("short"), metrics.PATHS.labels("full")


class ShortPath:
    """Executes queries and mutations whose document was validated before.

    All others, and all that would be refused, go through the full stack with their body, so that
    each refusal is implemented once. Nothing is charged before that is decided. Responses are equal
    to those of the full stack, because both are made by the same functions.
    """

    def __init__(
        self, app: ASGIApp, endpoint: Endpoint, header_layers: Sequence[Middleware]
    ) -> None:
        self.app = app
        self._endpoint = endpoint
        self._heads = ResponseHeads(header_layers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] not in METHODS:
            await self.app(scope, receive, send)
            return
        record, body = RequestRecord(scope), ReceivedBody(receive)
        headers = _decode(scope["headers"])
        request_id = _request_id(headers)
        if request_id is not None and is_plain(scope, headers):
            correlation_id.set(request_id)
            known = await find_known(self._endpoint.app, scope, headers, body)
            public = known and public_query(self._endpoint, headers, known)
            paid = known and public and find_paid(self._endpoint, scope, known, public, record)
            admission = known and (paid or await admit(self._endpoint, scope, headers, body, known))
            if known and admission:
                _short.inc()
                responder = Responder(self._heads, scope["method"], headers, send)
                with _finished(record, responder):
                    await self._answer(responder, record, known, public, admission)
                return
            # So that all log events of the request have one id.
            scope["headers"] = [*scope["headers"], (b"x-request-id", request_id.encode())]
        _full.inc()
        await self.app(scope, body.receive, send)

    async def _answer(
        self,
        responder: Responder,
        record: RequestRecord,
        known: KnownOperation,
        public: PublicQuery | None,
        admission: Admission | PaidAnswer,
    ) -> None:
        points, charge = admission.points, admission.charge
        if isinstance(admission, PaidAnswer):
            await responder.send_kept(admission.answer, admission.age, points, charge)
            return
        admission.context.request_event = record.operation
        if public:
            grant_allowance(self._endpoint, admission)
        found = await execute_known(self._endpoint.schema, known, admission, public)
        if isinstance(found, ExecutionResult):
            found = ExecutionResult(found.data, found.errors, cost_result(points, charge))
            await responder.send_result(found)
        else:
            await responder.send_kept(found.answer, found.age, points, charge)


@contextmanager
def _finished(record: RequestRecord, responder: Responder) -> Iterator[None]:
    """Record the end of a request."""
    try:
        yield
    except ClientDisconnect:
        pass  # as in AccessLog
    except Exception:
        responder.status = 500
        raise
    finally:
        if responder.status is not None:
            record.status = responder.status
        record.finish()


def _decode(headers: RawHeaders) -> dict[str, str]:
    """Return the first value of each header, as Starlette does."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(headers)}


def _request_id(headers: Mapping[str, str]) -> str | None:
    """Return the id of the request. None if the client has sent one that is refused."""
    given = headers.get("x-request-id")
    if not given:
        return uuid4().hex
    return given if is_valid_uuid4(given) else None

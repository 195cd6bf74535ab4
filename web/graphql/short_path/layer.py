"""The short path: answers ordinary GraphQL requests before the layers of the full stack."""

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import getrandbits

from asgi_correlation_id import correlation_id
from asgi_correlation_id.middleware import is_valid_uuid4
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.types import ExecutionResult

from core.observability import metrics
from engine.limits.extension import cost_result
from engine.limits.impersonation import impersonation_result
from engine.public_answers.operation import PublicQuery
from web.graphql.endpoint import Endpoint
from web.graphql.short_path.admission import Admission, admit
from web.graphql.short_path.execution import execute_known
from web.graphql.short_path.known_operation import (
    METHODS,
    KnownOperation,
    find_known,
    is_plain,
    read_sent,
)
from web.graphql.short_path.public import PublicRequests
from web.graphql.short_path.received_body import ReceivedBody
from web.graphql.short_path.response_heads import RawHeaders, ResponseHeads
from web.graphql.short_path.sending import Responder
from web.middleware.access_log import RequestRecord

PATH = "/graphql"
REQUEST_ID = "X-Request-ID"
# The version and the variant of random UUIDs (RFC 9562, 5.4). Ids of requests are no secrets, and
# `uuid4` reads its bits from the kernel.
UUID4_MASK = 0xF000_C000_0000_0000_0000
UUID4_BITS = 0x4000_8000_0000_0000_0000

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
        self._public = PublicRequests(endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] not in METHODS:
            await self.app(scope, receive, send)
            return
        record, body = RequestRecord(scope), ReceivedBody(receive)
        headers = _decode(scope["headers"])
        request_id = _request_id(headers)
        if request_id is not None and is_plain(scope, headers):
            correlation_id.set(request_id)
            responder = Responder(self._heads, scope["method"], headers, send)
            answering = await self._admit(scope, headers, body, record, responder)
            if answering is not None:
                _short.inc()
                with _finished(record, responder):
                    await answering
                return
            # So that all log events of the request have one id.
            scope["headers"] = [*scope["headers"], (b"x-request-id", request_id.encode())]
        _full.inc()
        await self.app(scope, body.receive, send)

    async def _admit(
        self,
        scope: Scope,
        headers: Mapping[str, str],
        body: ReceivedBody,
        record: RequestRecord,
        responder: Responder,
    ) -> Awaitable[None] | None:
        """Return how to answer a caller that has paid. None if the full stack must answer."""
        data = await read_sent(scope, headers, body)
        if data is None:
            return None
        sent = (scope["method"], data, headers.get("accept-language", ""))
        public = self._public.recall(sent, headers)
        known = public.known if public else find_known(self._endpoint.app, scope, data)
        if known is None:
            return None
        public = public or self._public.read(known, headers)
        paid = public and self._public.pay(public, sent, scope, record)
        if paid:
            return responder.send_kept(paid.answer, paid.age, paid.points, paid.charge)
        admission = await admit(self._endpoint, scope, headers, body, known)
        if admission is None:
            return None
        admission.context.request_event = record.operation
        return self._execute(responder, known, admission, public.query if public else None)

    async def _execute(
        self,
        responder: Responder,
        known: KnownOperation,
        admission: Admission,
        query: PublicQuery | None,
    ) -> None:
        points, charge = admission.points, admission.charge
        found = await execute_known(self._endpoint.schema, known, admission, query)
        if isinstance(found, ExecutionResult):
            acting = impersonation_result(admission.context.viewer)
            told = cost_result(points, charge) | acting
            found = ExecutionResult(found.data, found.errors, told)
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
        return f"{getrandbits(128) & ~UUID4_MASK | UUID4_BITS:032x}"
    return given if is_valid_uuid4(given) else None

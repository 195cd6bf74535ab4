"""The short path: answers ordinary GraphQL requests before the layers of the full stack."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from asgi_correlation_id import correlation_id
from asgi_correlation_id.middleware import is_valid_uuid4
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.types import ExecutionResult

from core.observability import metrics
from web.access_log import RequestRecord
from web.graphql.content_negotiation import response_media_type
from web.graphql.endpoint import Endpoint, encode
from web.graphql.responses import response_data, response_head
from web.graphql.short_path.admission import Admission, admit
from web.graphql.short_path.compression import MIN_GZIP_BYTES, compress
from web.graphql.short_path.execution import execute_known
from web.graphql.short_path.known_operation import METHODS, KnownOperation, find_known, is_plain
from web.graphql.short_path.received_body import ReceivedBody
from web.graphql.short_path.response_heads import LENGTH, RawHeaders, ResponseHeads

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
            admission = known and await admit(self._endpoint, scope, headers, body, known)
            if known and admission:
                _short.inc()
                await self._answer(scope, send, headers, record, known, admission)
                return
            # So that all log events of the request have one id.
            scope["headers"] = [*scope["headers"], (b"x-request-id", request_id.encode())]
        _full.inc()
        await self.app(scope, body.receive, send)

    async def _answer(
        self,
        scope: Scope,
        send: Send,
        headers: Mapping[str, str],
        record: RequestRecord,
        known: KnownOperation,
        admission: Admission,
    ) -> None:
        admission.context.request_event = record.operation
        try:
            result = await execute_known(self._endpoint.schema, known, admission)
            await self._send(scope, send, headers, record, result)
        except ClientDisconnect:
            pass  # as in AccessLog
        except Exception:
            record.status = 500
            raise
        finally:
            record.finish()

    async def _send(
        self,
        scope: Scope,
        send: Send,
        headers: Mapping[str, str],
        record: RequestRecord,
        result: ExecutionResult,
    ) -> None:
        media = response_media_type(headers.get("accept", ""))
        status, head = response_head(media, scope["method"], headers, result)
        body = encode(response_data(result))
        asked = _asked(headers)
        known, place = await self._heads.find(status, head, asked, len(body))
        if len(body) >= MIN_GZIP_BYTES and GZIP in asked:
            body = await compress(body)
        raw = [*known, (b"x-request-id", (correlation_id.get() or "").encode())]
        raw[place] = (LENGTH, b"%d" % len(body))
        record.status = status
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})


GZIP = (b"accept-encoding", b"gzip")


def _decode(headers: RawHeaders) -> dict[str, str]:
    """Return the first value of each header, as Starlette does."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(headers)}


def _request_id(headers: Mapping[str, str]) -> str | None:
    """Return the id of the request. None if the client has sent one that is refused."""
    given = headers.get("x-request-id")
    if not given:
        return uuid4().hex
    return given if is_valid_uuid4(given) else None


def _asked(headers: Mapping[str, str]) -> RawHeaders:
    """Return the headers of the request that those of the response depend on."""
    asked = [GZIP] if "gzip" in headers.get("accept-encoding", "") else []
    if "origin" in headers:
        asked.append((b"origin", headers["origin"].encode("latin-1")))
    return asked

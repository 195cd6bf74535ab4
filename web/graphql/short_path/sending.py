"""Sends the responses of the short path."""

from collections.abc import Mapping
from functools import lru_cache

from asgi_correlation_id import correlation_id
from starlette.types import Send
from strawberry.types import ExecutionResult

from core.answers.kept_answer import KeptAnswer
from core.limits.buckets import Charge
from engine.limits.extension import cost_result
from web.graphql.content_negotiation import response_media_type
from web.graphql.endpoint import encode
from web.graphql.responses import response_data, response_head
from web.graphql.short_path.compression import MIN_GZIP_BYTES, compress
from web.graphql.short_path.response_heads import LENGTH, RawHeaders, ResponseHeads

GZIP = (b"accept-encoding", b"gzip")
NOT_MODIFIED = 304
WITHOUT_ERRORS = ExecutionResult({}, None)


class Responder:
    """Sends the response to one request. `headers` are those of the request."""

    __slots__ = ("_asked", "_headers", "_heads", "_media", "_method", "_send", "status")

    def __init__(
        self, heads: ResponseHeads, method: str, headers: Mapping[str, str], send: Send
    ) -> None:
        self._heads, self._method, self._headers, self._send = heads, method, headers, send
        self._media = response_media_type(headers.get("accept", ""))
        self._asked = _asked(headers)
        self.status: int | None = None

    async def send_result(self, result: ExecutionResult) -> None:
        status, head = response_head(self._media, self._method, self._headers, result)
        body = encode(response_data(result))
        large = len(body) >= MIN_GZIP_BYTES
        if large and GZIP in self._asked:
            body = await compress(body)
        await self._respond(status, head, body, [], large=large)

    async def send_kept(self, answer: KeptAnswer, age: float, points: int, charge: Charge) -> None:
        """Complete an answer, or send 304 for a `GET` of a client that has it."""
        more: RawHeaders = []
        if self._method == "GET":
            more.append((b"etag", answer.etag))
            if age >= 1:
                more.append((b"age", b"%d" % age))
            if _has(self._headers.get("if-none-match", ""), answer.etag):
                head = _kept_head(self._media, self._method) | {}
                del head["Content-Type"]
                await self._respond(NOT_MODIFIED, head, b"", more, large=False)
                return
        end = b',"extensions":%s}' % encode(cost_result(points, charge))
        large = len(answer.beginning) + len(end) >= MIN_GZIP_BYTES
        if large and GZIP in self._asked:
            await answer.compress()
            body = answer.gzipped(end)
        else:
            body = answer.plain(end)
        await self._respond(200, _kept_head(self._media, self._method), body, more, large=large)

    async def _respond(
        self, status: int, head: Mapping[str, str], body: bytes, more: RawHeaders, *, large: bool
    ) -> None:
        known, place = await self._heads.find(status, head, self._asked, large=large)
        raw = [*known, (b"x-request-id", (correlation_id.get() or "").encode()), *more]
        if place is not None:
            raw[place] = (LENGTH, b"%d" % len(body))
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": raw})
        await self._send({"type": "http.response.body", "body": body})


def _asked(headers: Mapping[str, str]) -> RawHeaders:
    """Return the headers of the request that those of the response depend on."""
    asked = [GZIP] if "gzip" in headers.get("accept-encoding", "") else []
    if "origin" in headers:
        asked.append((b"origin", headers["origin"].encode("latin-1")))
    return asked


def _has(validators: str, etag: bytes) -> bool:
    """Return whether one of the client's validators is this one, which contains no comma."""
    opaque = etag.decode().removeprefix("W/")
    return validators.strip() == "*" or opaque in validators


@lru_cache(maxsize=16)
def _kept_head(media: str, method: str) -> dict[str, str]:
    """Return the headers of an answer without errors, at most 6 kinds: 3 types and 2 methods."""
    return response_head(media, method, {}, WITHOUT_ERRORS)[1]

"""The headers of responses, made by the layers of the full stack and kept."""

from collections.abc import Mapping, Sequence

from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.graphql.short_path.compression import MIN_GZIP_BYTES

MAX_HEADS = 256
RESPONSE = "haat.response"

RawHeaders = list[tuple[bytes, bytes]]
LENGTH = b"content-length"
KnownHead = tuple[RawHeaders, int | None]


class ResponseHeads:
    """Asks the layers once for each kind of response: what they add depends on nothing else.

    So a header is declared in one place, and a request does not pass through the layers.
    """

    def __init__(self, layers: Sequence[Middleware]) -> None:
        self._stack: ASGIApp = _respond
        for layer in reversed(layers):
            self._stack = layer.cls(self._stack, *layer.args, **layer.kwargs)
        self._known: dict[object, KnownHead] = {}

    async def find(
        self, status: int, head: Mapping[str, str], asked: RawHeaders, *, large: bool
    ) -> KnownHead:
        """Return the headers, with the place of the content length, if the status has one.

        `asked` are the headers of the request that they depend on, `large` is whether the body is
        large enough to be compressed.
        """
        key = status, tuple(head.values()), tuple(asked), large
        if key not in self._known:
            if len(self._known) >= MAX_HEADS:
                self._known.clear()
            self._known[key] = await self._ask(status, head, asked, large=large)
        return self._known[key]

    async def _ask(
        self, status: int, head: Mapping[str, str], asked: RawHeaders, *, large: bool
    ) -> KnownHead:
        body = bytes(MIN_GZIP_BYTES) if large else b""
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": asked}
        scope[RESPONSE] = Response(body, status, dict(head))
        await self._stack(scope, receive, send)
        headers: RawHeaders = sent[0]["headers"]
        places = [place for place, (name, _) in enumerate(headers) if name == LENGTH]
        return headers, places[0] if places else None


async def _respond(scope: Scope, receive: Receive, send: Send) -> None:
    response: Response = scope[RESPONSE]
    await response(scope, receive, send)

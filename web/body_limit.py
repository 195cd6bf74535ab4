"""How large a request may be."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 256 * 1024


class TooLarge(Exception):
    """More has come than may."""


class SizeLimit:
    """Refuses a body over 256 KiB by its declared length, or when that much has come.

    The connection is closed with it, or the rest would have to be read. One path
    bounds what it takes by itself. Addresses are uvicorn's to bound: it refuses a
    head over 64 KiB.
    """

    def __init__(self, app: ASGIApp, except_at: str) -> None:
        self.app = app
        self.except_at = except_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == self.except_at:
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > MOST_BYTES:
            await _refusal()(scope, receive, send)
            return
        await self._counting(scope, receive, send)

    async def _counting(self, scope: Scope, receive: Receive, send: Send) -> None:
        come = 0

        async def bounded() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > MOST_BYTES:
                raise TooLarge
            return message

        try:
            await self.app(scope, bounded, send)
        except TooLarge:
            await _refusal()(scope, receive, send)


def _refusal() -> JSONResponse:
    message = f"The request is larger than {MOST_BYTES // 1024} KiB."
    error: Mapping[str, object] = {"message": message, "extensions": {"code": "BAD_USER_INPUT"}}
    headers = {"Connection": "close", "Cache-Control": "no-store"}
    return JSONResponse({"errors": [error]}, 413, headers)

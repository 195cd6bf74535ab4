"""Limits the size of request bodies."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors.codes import Fault
from web.error_response import ErrorResponse

MAX_BODY_BYTES = 256 * 1024


class BodyTooLarge(Exception):
    """The body exceeds `MAX_BODY_BYTES`."""


class BodyLimit:
    """Rejects a body over 256 KiB, by its declared length or as it arrives.

    Closes the connection, so that the rest of the body need not be read. `except_at` is a path with
    a limit of its own. web/uvicorn_protocols/http.py limits heads, chunk extensions and trailers.
    """

    def __init__(self, app: ASGIApp, except_at: str) -> None:
        self.app = app
        self.except_at = except_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == self.except_at:
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > MAX_BODY_BYTES:
            await _too_large()(scope, receive, send)
            return
        await self._call_counting_bytes(scope, receive, send)

    async def _call_counting_bytes(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise BodyTooLarge
            return message

        try:
            await self.app(scope, limited_receive, send)
        except BodyTooLarge:
            await _too_large()(scope, receive, send)


def _too_large() -> ErrorResponse:
    return ErrorResponse(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Fault.BAD_USER_INPUT,
        f"The request is larger than {MAX_BODY_BYTES // 1024} KiB.",
        headers={"Connection": "close"},
    )

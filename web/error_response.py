"""Responses of requests that are refused before GraphQL, in the form of its errors."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import JSONResponse

from engine.errors.codes import Fault

JSON_TYPE = "application/json; charset=utf-8"


def error_body(message: str, code: Fault, retry_after: int | None = None) -> bytes:
    """Return a GraphQL response with one error. `retry_after` is in seconds."""
    extensions: dict[str, Any] = {"code": code}
    if retry_after is not None:
        extensions["retryAfter"] = retry_after
    return orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})


class ErrorResponse(JSONResponse):
    """A response with one error, and with `Retry-After` if a retry can succeed."""

    def __init__(
        self,
        status: HTTPStatus,
        code: Fault,
        message: str,
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        given = {"Cache-Control": "no-store", **(headers or {})}
        if retry_after is not None:
            given["Retry-After"] = str(retry_after)
        super().__init__(error_body(message, code, retry_after), status, given, JSON_TYPE)

    def render(self, content: bytes) -> bytes:
        return content

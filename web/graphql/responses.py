"""Status, headers and body of the response to an operation."""

from collections.abc import Mapping
from typing import Any

from strawberry.http import process_result
from strawberry.types import ExecutionResult

from web.graphql.content_negotiation import retry_after, status_code, was_executed

VARY = "Accept, Authorization, Accept-Language"  # CORSMiddleware adds Origin
MAX_AGE_SECONDS = 5


def response_head(
    media: str, method: str, headers: Mapping[str, str], result: ExecutionResult
) -> tuple[int, dict[str, str]]:
    """Return the status and the headers. `headers` are those of the request.

    Shared caches may store responses to anonymous GETs without errors, for 5 seconds.
    """
    status = status_code(media, result)
    head = {}
    if (seconds := retry_after(status, result)) is not None:
        head["Retry-After"] = str(seconds)
    cacheable = method == "GET" and "authorization" not in headers and not result.errors
    head["Content-Type"] = f"{media}; charset=utf-8"
    head["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}" if cacheable else "no-store"
    head["Vary"] = VARY
    return status, head


def response_data(result: ExecutionResult) -> Any:
    """Return what is encoded. Without `data` if nothing was executed, as the draft requires."""
    response = process_result(result)
    if not was_executed(result):
        del response["data"]
    return response

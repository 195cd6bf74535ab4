"""Content negotiation: media type, status code and languages of a response.

Follows RFC 9110, 12.5, and the GraphQL-over-HTTP draft,
https://graphql.github.io/graphql-over-http/draft/.
"""

from functools import lru_cache

from strawberry.http.parse_content_type import parse_content_type
from strawberry.types import ExecutionResult
from werkzeug.http import parse_accept_header

from core.errors import Unavailable
from engine.errors.codes import Fault

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENTS = "text/event-stream"
USUAL_TYPES = {JSON, f"{JSON}; charset=utf-8"}  # they need not be parsed
MEDIA_TYPES = {JSON: JSON, GRAPHQL: GRAPHQL, EVENTS: EVENTS, "application/*": JSON, "*/*": JSON}
STATUS_CODES: dict[str, int] = {Fault.RATE_LIMITED: 429, Fault.INTERNAL: 500}
UNAVAILABLE = 503
MAX_MEDIA_RANGES = 100
MAX_LANGUAGES = 10
MAX_HEADER_LENGTH = 2_000


def response_media_type(accept: str) -> str:
    """Return the supported type that `Accept` prefers, by default `application/json`."""
    return _preferred_type(accept[:MAX_HEADER_LENGTH])


@lru_cache(maxsize=256)
def _preferred_type(accept: str) -> str:
    """Find the type. `accept` has at most `MAX_HEADER_LENGTH` characters: the cache keeps it."""
    for name in _by_weight(accept, MAX_MEDIA_RANGES):
        if media := MEDIA_TYPES.get(name.lower()):
            return media
    return JSON


def accepted_languages(header: str) -> list[str]:
    """Return language tags, most preferred first, at most 10."""
    return list(_languages(header[:MAX_HEADER_LENGTH]))


@lru_cache(maxsize=256)
def _languages(header: str) -> tuple[str, ...]:
    """Return the languages. `header` has at most `MAX_HEADER_LENGTH` characters."""
    return tuple(_by_weight(header, MAX_LANGUAGES))


def is_json(content_type: str) -> bool:
    """Return whether it is JSON in UTF-8, the only supported encoding."""
    return content_type in USUAL_TYPES or _is_json(content_type)


def _is_json(content_type: str) -> bool:
    name, parameters = parse_content_type(content_type)
    encoding = parameters.get("charset", "utf-8").lower()
    return name.lower() in {JSON, GRAPHQL} and encoding in {"utf-8", "utf8"}


def was_executed(result: ExecutionResult) -> bool:
    """Return whether execution began. If it did, only a field error can make `data` null."""
    return result.data is not None or any(error.path for error in result.errors or ())


def status_code(media: str, result: ExecutionResult) -> int:
    """Return 200 unless nothing was executed and the client accepts GraphQL's media type.

    Clients of plain JSON predate the draft and look for errors in the body only. An outage is 503
    for all of them: caches, proxies and retrying clients look at the status only.
    """
    if _is_unavailable(result):
        return UNAVAILABLE
    if media != GRAPHQL or was_executed(result):
        return 200
    codes = [(error.extensions or {}).get("code") for error in result.errors or ()]
    return STATUS_CODES.get(str(codes[0]) if codes else "", 400)


def retry_after(status: int, result: ExecutionResult) -> int | None:
    """Return the seconds of `Retry-After`, which only a response without data has."""
    if status == UNAVAILABLE:
        return Unavailable.seconds
    if status != STATUS_CODES[Fault.RATE_LIMITED]:
        return None
    waits = [(error.extensions or {}).get("retryAfter") for error in result.errors or ()]
    return max((wait for wait in waits if wait is not None), default=None)


def _is_unavailable(result: ExecutionResult) -> bool:
    """Return whether the response has no data and no other error than `UNAVAILABLE`."""
    codes = {(error.extensions or {}).get("code") for error in result.errors or ()}
    values = (result.data or {}).values()
    return codes == {Fault.UNAVAILABLE} and all(value is None for value in values)


def _by_weight(header: str, limit: int) -> list[str]:
    """Return the values by weight, then by position.

    Weight 0 and malformed weights are dropped. Only the first `limit` values and
    `MAX_HEADER_LENGTH` characters are parsed: callers are not authenticated yet, and werkzeug scans
    each character in Python.
    """
    first = ",".join(header[:MAX_HEADER_LENGTH].split(",", limit)[:limit])
    accepted = [
        value.partition(";")[0].strip()
        for value, weight in parse_accept_header(first)
        if weight > 0
    ]
    return [value for value in accepted if value]

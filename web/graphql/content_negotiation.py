"""Media types of requests and answers, and the status that goes with each.

After the GraphQL-over-HTTP draft, https://graphql.github.io/graphql-over-http/draft/.
"""

from functools import lru_cache

from strawberry.http.parse_content_type import parse_content_type
from strawberry.types import ExecutionResult

from engine.error_codes import Fault

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENTS = "text/event-stream"
ANSWERS = {JSON: JSON, GRAPHQL: GRAPHQL, EVENTS: EVENTS, "application/*": JSON, "*/*": JSON}
STATUSES: dict[str, int] = {Fault.RATE_LIMITED: 429, Fault.INTERNAL: 500}


@lru_cache(maxsize=256)
def answered_in(accept: str) -> str:
    """The caller's favourite among our media types: by weight, then by its place.

    Who accepts anything, nothing of ours, or says nothing gets `application/json`.
    """
    ranges = [_weighed(part) for part in accept.split(",")]
    for weight, name in sorted(ranges, key=lambda one: -one[0]):
        if weight > 0 and name in ANSWERS:
            return ANSWERS[name]
    return JSON


def is_json(content_type: str) -> bool:
    """Whether a request's body says that it is JSON in UTF-8, the one encoding of ours."""
    name, parameters = parse_content_type(content_type)
    encoding = parameters.get("charset", "utf-8").lower()
    return name.lower() in {JSON, GRAPHQL} and encoding in {"utf-8", "utf8"}


def executed(result: ExecutionResult) -> bool:
    """Whether execution began. If it did, `data` is null only by an error in some field."""
    return result.data is not None or any(error.path for error in result.errors or ())


def status(media: str, result: ExecutionResult) -> int:
    """What did not execute fails visibly, save for clients of old: they look into the body."""
    if media != GRAPHQL or executed(result):
        return 200
    codes = [(error.extensions or {}).get("code") for error in result.errors or ()]
    return STATUSES.get(str(codes[0]) if codes else "", 400)


def _weighed(part: str) -> tuple[float, str]:
    name, *parameters = (one.strip().lower() for one in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:]), name
            except ValueError:
                return 0.0, name
    return 1.0, name

"""The content of docs/limits.md: sizes, costs and budgets."""

from typing import Any

from graphql import GraphQLSchema, get_operation_ast, parse

from core.keyset import DEFAULT_SIZE, MOST
from core.settings import Settings
from engine.errors import MUTATION_COST
from engine.limits import document_limits
from engine.limits.cost import OBJECT, UNPAGED, Pricing
from engine.limits.extension import COST
from engine.limits.field_overlap import PAIRS

EXAMPLE = "{ offers(first: 50) { nodes { title vendor { name } } } }"

Rows = list[tuple[str, str]]


def context(graph: GraphQLSchema) -> dict[str, Any]:
    settings = Settings.model_construct()
    example = _price(graph, EXAMPLE)
    return {
        "sizes": sizes(),
        "costs": costs(),
        "budgets": budgets(settings),
        "attempts": settings.log_in_attempts,
        "query": EXAMPLE,
        "example": example,
        "object": OBJECT,
        "limit": COST,
        "remaining": settings.user_points - example,
    }


def sizes() -> Rows:
    return _rows(
        "Maximum number of",
        {
            "characters in a document": document_limits.CHARACTERS,
            "tokens in a document": document_limits.TOKENS,
            "comments in a document": document_limits.COMMENTS,
            "operations and fragments in a document": document_limits.DEFINITIONS,
            "aliases in a document": document_limits.ALIASES,
            "directives in a document": document_limits.DIRECTIVES,
            "occurrences of the same field in one selection set": document_limits.SAME_FIELD,
            "pairs of the same field in one selection set, fragments included": PAIRS,
            "digits in a number": document_limits.DIGITS,
            "values in the variables, counting nested lists and objects": document_limits.VALUES,
            "root fields in an operation": document_limits.ROOT_FIELDS,
            "levels of nested fields": document_limits.DEPTH,
            "entries in a page, or ids in `nodes`": MOST,
            "points that an operation may cost": COST,
        },
    )


def costs() -> Rows:
    return _rows(
        "Part",
        {
            "A scalar or an enum": 0,
            "An object": OBJECT,
            "A mutation": MUTATION_COST,
            "An entry of a list, in addition to its selected fields": OBJECT,
            "Assumed entries of a page without `first` or `last`": DEFAULT_SIZE,
            "Assumed entries of a list without a length argument or a declared size": UNPAGED,
        },
        "Points",
    )


def budgets(settings: Settings) -> Rows:
    anonymous, user = settings.anonymous_bucket, settings.user_bucket
    token = settings.token_bucket
    return _rows(
        "Bucket",
        {
            "Per user, `USER_POINTS`": user.room,
            "Per API token, `TOKEN_POINTS`": token.room,
            "Per IP address of anonymous callers, `ANONYMOUS_POINTS`": anonymous.room,
            "Refill per second, `POINTS_PER_SECOND`": user.leak,
        },
        "Points",
    )


def _rows(label: str, numbers: dict[str, int], unit: str = "Limit") -> Rows:
    return [(label, unit), *((name, f"{number:,}") for name, number in numbers.items())]


def _price(graph: GraphQLSchema, query: str) -> int:
    document = parse(query)
    operation = get_operation_ast(document)
    return Pricing(graph, document, {}).price(operation) if operation else 0

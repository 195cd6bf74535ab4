"""The limits as rows of tables, for docs/limits.md."""

from core.keyset import DEFAULT_SIZE, MOST
from core.settings import Settings
from engine.limits import document_limits
from engine.limits.cost import OBJECT, UNPAGED
from engine.limits.extension import COST
from engine.limits.field_overlap import PAIRS
from engine.mutation import MUTATION_COST

Rows = list[tuple[str, str]]


def sizes() -> Rows:
    return _rows(
        "A document, an operation or a list has at most",
        {
            "characters in a document": document_limits.CHARACTERS,
            "tokens in a document": document_limits.TOKENS,
            "comments in a document": document_limits.COMMENTS,
            "operations and fragments in a document": document_limits.DEFINITIONS,
            "aliases in a document": document_limits.ALIASES,
            "directives in a document": document_limits.DIRECTIVES,
            "times the same field in one place": document_limits.SAME_FIELD,
            "pairs of the same field in one place, also through fragments": PAIRS,
            "digits in a number": document_limits.DIGITS,
            "values in the variables, all lists and objects together": document_limits.VALUES,
            "root fields in an operation": document_limits.ROOT_FIELDS,
            "fields on top of each other": document_limits.DEPTH,
            "entries in a page, and ids in `nodes`": MOST,
            "points of cost in an operation": COST,
        },
    )


def costs() -> Rows:
    return _rows(
        "Part",
        {
            "A scalar or an enum": 0,
            "An object": OBJECT,
            "A mutation": MUTATION_COST,
            "An entry of a list, beside what is selected of it": OBJECT,
            "Entries counted in a page that names no length": DEFAULT_SIZE,
            "Entries counted in a list that takes no length and says none": UNPAGED,
        },
        "Points",
    )


def budgets(settings: Settings) -> Rows:
    anonymous, user = settings.anonymous_bucket, settings.user_bucket
    token = settings.token_bucket
    return _rows(
        "Bucket",
        {
            "A user's, `USER_POINTS`": user.capacity,
            "An API token's, `TOKEN_POINTS`": token.capacity,
            "An address's, `ANONYMOUS_POINTS`": anonymous.capacity,
            "Coming back each second, `POINTS_PER_SECOND`": user.leak_per_second,
        },
        "Points",
    )


def _rows(what: str, numbers: dict[str, int], how_many: str = "Limit") -> Rows:
    return [(what, how_many), *((said, f"{number:,}") for said, number in numbers.items())]

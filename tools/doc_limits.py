"""The limits as rows of tables, for docs/limits.md."""

from core.keyset import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from core.settings import Settings
from engine.limits import document_limits
from engine.limits.cost import DEFAULT_LIST_SIZE, OBJECT_COST
from engine.limits.extension import MAX_COST
from engine.limits.field_overlap import MAX_FIELD_PAIRS
from engine.mutation import MUTATION_COST

Rows = list[tuple[str, str]]


def sizes() -> Rows:
    return _rows(
        "Maximum number of",
        {
            "characters in a document": document_limits.MAX_CHARACTERS,
            "tokens in a document": document_limits.MAX_TOKENS,
            "comments in a document": document_limits.MAX_COMMENTS,
            "operations and fragments in a document": document_limits.MAX_DEFINITIONS,
            "aliases in a document": document_limits.MAX_ALIASES,
            "directives in a document": document_limits.MAX_DIRECTIVES,
            "selections of the same field in one place": document_limits.MAX_SAME_FIELD,
            "pairs of the same field in one place, including fragments": MAX_FIELD_PAIRS,
            "digits in a number": document_limits.MAX_DIGITS,
            "values in the variables, including nested ones": document_limits.MAX_VALUES,
            "root fields in an operation": document_limits.MAX_ROOT_FIELDS,
            "nested fields (depth)": document_limits.MAX_DEPTH,
            "entries in a page, and ids in `nodes`": MAX_PAGE_SIZE,
            "points of cost in an operation": MAX_COST,
        },
    )


def costs() -> Rows:
    return _rows(
        "Part",
        {
            "A scalar or an enum": 0,
            "An object": OBJECT_COST,
            "A mutation": MUTATION_COST,
            "An entry of a list, in addition to its selected fields": OBJECT_COST,
            "Entries of a page without `first` or `last`": DEFAULT_PAGE_SIZE,
            "Entries of a list without a declared size": DEFAULT_LIST_SIZE,
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
            "Refill per second, `POINTS_PER_SECOND`": user.leak_per_second,
        },
        "Points",
    )


def _rows(what: str, numbers: dict[str, int], how_many: str = "Limit") -> Rows:
    return [(what, how_many), *((said, f"{number:,}") for said, number in numbers.items())]

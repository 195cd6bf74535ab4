"""The content of docs/limits.md: sizes, costs and budgets."""

from typing import Any

from graphql import GraphQLSchema, get_operation_ast, parse

from core.keyset import DEFAULT_PAGE_SIZE, MAX_COUNT, MAX_PAGE_SIZE
from core.limits.caller_connections import MAX_CONNECTIONS_PER_CALLER
from core.media.file_types import PDF, PNG
from core.media.images.inspection import MAX_PIXELS, MAX_WEBP_PIXELS
from core.settings import Settings
from core.sizes import MEGABYTE
from engine.arguments import (
    FOR_YOU_COST,
    MESSAGE_SEARCH_COST,
    NEAR_COST,
    NEAR_ORDER_COST,
    OPEN_COST,
    PUBLIC_COUNT_COST,
    SEARCH_COST,
)
from engine.execution.compiler import MAX_PLANNED_FIELDS
from engine.execution.field_errors import MAX_ERRORS
from engine.limits import document_limits
from engine.limits.charging import BYTES_PER_POINT, CHARACTERS_PER_POINT
from engine.limits.cost import COUNT_COST, DEFAULT_LIST_SIZE, OBJECT_COST, CostCalculator
from engine.limits.extension import MAX_COST, MAX_EVENT_COST
from engine.limits.field_overlap import MAX_FIELD_PAIRS
from engine.mutation import HASHING_COST, MUTATION_COST
from models.identity.challenges import MAX_FACTOR_TRIES
from models.identity.factors import MAX_WRONG_CODES, MAX_WRONG_CODES_WITH_MAIL, WRONG_CODE_HOURS
from models.identity.registrations import MAX_CODE_TRIES
from models.quotas import NEW_ACCOUNT_HOURS, QUOTAS
from models.uploads import (
    MAX_BYTES_PER_DAY,
    MAX_HELD_BYTES,
    MAX_OPEN_UPLOADS,
    max_bytes,
)
from services.identity.passwords.hashing_limits import (
    EMPTY_SECONDS,
    HASHES_PER_ATTEMPT,
    MAX_KNOWN_HASHES,
)
from services.identity.phones.phone_guesses import WRONG_IN_ALL, WRONG_PER_BLOCK
from services.identity.sessions.browser_lookups import COOKIE_WINDOW_MINUTES, WRONG_COOKIES
from services.identity.sign_ins.known_networks import KNOWN_DAYS
from services.identity.tokens.token_lookups import WINDOW_MINUTES, WRONG_TOKENS
from services.redemptions.code_limits import MINUTES, WRONG_PER_TILL, WRONG_PER_VENDOR
from services.search import MAX_FOUND
from services.uploads.transfers import transfer_seconds
from web.middleware.network_charges import PAGE_COST, POINTS_PER_MEGABYTE, REQUEST_COST

EXAMPLE = "{ offers(first: 50) { nodes { title vendor { name } } } }"

Rows = list[tuple[str, str]]


def context(graph: GraphQLSchema) -> dict[str, Any]:
    settings = Settings.model_construct()
    example = _price(graph, EXAMPLE)
    return {
        "sizes": sizes(),
        "costs": costs(),
        "budgets": budgets(settings),
        "uploads": uploads(settings),
        "attempts": settings.log_in_attempts,
        "attempts_per_account": settings.log_in_attempts_per_account,
        "provider_failures": settings.provider_failures_per_network,
        "attempts_per_network": settings.log_in_attempts_per_network,
        "hashes": HASHES_PER_ATTEMPT * settings.log_in_attempts_per_network,
        "hash_seconds": EMPTY_SECONDS,
        "wrong_tokens": WRONG_TOKENS,
        "token_minutes": WINDOW_MINUTES,
        "wrong_cookies": WRONG_COOKIES,
        "cookie_minutes": COOKIE_WINDOW_MINUTES,
        "known_hashes": MAX_KNOWN_HASHES,
        "known_days": KNOWN_DAYS,
        "registrations": settings.registrations_per_network,
        "mails": settings.mails_per_address,
        "all_mails": f"{settings.mails_per_day:,}",
        "starts": settings.sign_in_starts_per_network,
        "carts": settings.anonymous_carts_per_network,
        "codes": settings.wrong_codes_per_network,
        "till_codes": WRONG_PER_TILL,
        "vendor_codes": WRONG_PER_VENDOR,
        "network_codes": settings.wrong_voucher_codes_per_network,
        "code_minutes": MINUTES,
        "tries": MAX_CODE_TRIES,
        "factor_tries": MAX_FACTOR_TRIES,
        "wrong_factors": MAX_WRONG_CODES,
        "wrong_factors_with_mail": MAX_WRONG_CODES_WITH_MAIL,
        "factors_per_network": settings.wrong_factors_per_network,
        "wrong_per_block": WRONG_PER_BLOCK,
        "wrong_in_all": f"{WRONG_IN_ALL:,}",
        "wrong_factor_hours": WRONG_CODE_HOURS,
        "quotas": quotas(),
        "new_hours": NEW_ACCOUNT_HOURS,
        "query": EXAMPLE,
        "example": example,
        "object": OBJECT_COST,
        "limit": MAX_COST,
        "characters": CHARACTERS_PER_POINT,
        "bytes": f"{BYTES_PER_POINT:,}",
        "remaining": settings.user_points - example,
    }


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
            "fields with one response name in a selection set": document_limits.MAX_SAME_FIELD,
            "pairs of fields with one response name, fragments included": MAX_FIELD_PAIRS,
            "digits in a number": document_limits.MAX_DIGITS,
            "values in the variables, nested ones included": document_limits.MAX_VALUES,
            "root fields in an operation": document_limits.MAX_ROOT_FIELDS,
            "levels of nested fields": document_limits.MAX_DEPTH,
            "fields in an operation, an interface's once for each type": MAX_PLANNED_FIELDS,
            "entries in a page, or ids in `nodes`": MAX_PAGE_SIZE,
            "entries that a search finds": MAX_FOUND,
            "entries that `totalCount` counts": MAX_COUNT,
            "database connections of a caller at once, per process": MAX_CONNECTIONS_PER_CALLER,
            "points that a query or mutation may cost": MAX_COST,
            "points that a subscription may cost, whose changes are free": MAX_EVENT_COST,
            "errors that an operation reports": MAX_ERRORS,
        },
    )


def uploads(settings: Settings) -> Rows:
    return _rows(
        "Uploads",
        {
            "Megabytes of an image": max_bytes(PNG) // MEGABYTE,
            "Megabytes of another file": max_bytes(PDF) // MEGABYTE,
            "Megapixels of an image": MAX_PIXELS // 10**6,
            "Megapixels of a WebP image": MAX_WEBP_PIXELS // 10**6,
            "Uploads of a user that are unfinished or not attached": MAX_OPEN_UPLOADS,
            "Megabytes of a user that are unfinished or not attached": MAX_HELD_BYTES // MEGABYTE,
            "Megabytes that a user announces in a day (UTC)": MAX_BYTES_PER_DAY // MEGABYTE,
            "Seconds for the largest upload through a server": int(
                transfer_seconds(max_bytes(PDF))
            ),
            "Points per request to `/objects` and `/pictures`": REQUEST_COST,
            "Points per megabyte in addition, each started tenth is one": POINTS_PER_MEGABYTE,
            "Points per page or asset of a page": PAGE_COST,
            "Megabytes that stay free on the disk (`OBJECTS_MIN_FREE_MB`)": (
                settings.objects_min_free_mb
            ),
        },
    )


def costs() -> Rows:
    return _rows(
        "Part",
        {
            "A scalar or an enum": 0,
            "An object": OBJECT_COST,
            "A mutation": MUTATION_COST,
            "A mutation that hashes a password (not paid in points)": HASHING_COST,
            "An entry of a list, in addition to its selected fields": OBJECT_COST,
            "A `search` of offers or vendors": SEARCH_COST,
            "A `search` of messages": MESSAGE_SEARCH_COST,
            "A `near` circle": NEAR_COST,
            "`openNow` of `vendors`": OPEN_COST,
            "A `near` circle with `orderBy`, in addition": NEAR_ORDER_COST,
            "`orderBy: FOR_YOU` of `offers`, in addition": FOR_YOU_COST,
            "`totalCount` or `totalCountIsExact` of `offers`, `vendors` and searched"
            " messages": PUBLIC_COUNT_COST,
            "`totalCount` or `totalCountIsExact` of another list": COUNT_COST,
            "Assumed entries of a page without `first` or `last`": DEFAULT_PAGE_SIZE,
            "Assumed entries of a list without a declared size": DEFAULT_LIST_SIZE,
        },
        "Points",
    )


def budgets(settings: Settings) -> Rows:
    anonymous, user = settings.anonymous_bucket, settings.user_bucket
    token = settings.token_bucket
    return _rows(
        "Bucket",
        {
            "Per user, `USER_POINTS`": user.capacity,
            "Per API token, `TOKEN_POINTS`": token.capacity,
            "Per network of anonymous callers, `ANONYMOUS_POINTS`": anonymous.capacity,
            "Refill per second, `POINTS_PER_SECOND`": settings.points_per_second,
        },
        "Points",
    )


def quotas() -> list[tuple[str, str, str]]:
    rows = [(one.act, f"{one.per_day:,}", f"{one.per_day_if_new:,}") for one in QUOTAS.values()]
    return [("Per user and day", "Limit", f"In the first {NEW_ACCOUNT_HOURS} hours"), *rows]


def _rows(label: str, numbers: dict[str, int], unit: str = "Limit") -> Rows:
    return [(label, unit), *((name, f"{number:,}") for name, number in numbers.items())]


def _price(graph: GraphQLSchema, query: str) -> int:
    document = parse(query)
    operation = get_operation_ast(document)
    return CostCalculator(graph, document, {}).cost(operation) if operation else 0

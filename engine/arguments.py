"""Arguments of many fields."""

from typing import Annotated

import strawberry
from strawberry import relay

from core.keyset import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

# Measured with 200,000 offers: docs/performance.md.
SEARCH_COST, NEAR_COST, PUBLIC_COUNT_COST, MESSAGE_SEARCH_COST = 300, 100, 100, 200
SUGGEST_COST, FACET_COST = 20, 100
OPTIONS_COST = 300  # of the facet of 20,000 variants
OPEN_COST = 100  # of `openNow`, where few vendors are open
FOR_YOU_COST = 100  # of offers that are ranked for the viewer
NEAR_ORDER_COST = 100  # of `near` with `orderBy`, in addition

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"The number of entries after `after`, at most {MAX_PAGE_SIZE}. Defaults to"
        f" {DEFAULT_PAGE_SIZE} without `last`."
    ),
]
FirstOf = Annotated[
    int, strawberry.argument(description=f"The number of newest entries, at most {MAX_PAGE_SIZE}.")
]
After = Annotated[str | None, strawberry.argument(description="Returns entries after this cursor.")]
Last = Annotated[
    int | None,
    strawberry.argument(
        description=f"The number of entries before `before`, at most {MAX_PAGE_SIZE}."
    ),
]
Before = Annotated[
    str | None, strawberry.argument(description="Returns entries before this cursor.")
]
Resume = Annotated[
    str | None,
    strawberry.argument(
        description="The `cursor` of the last change received: changes after it are sent first. If"
        " omitted, sends only new changes."
    ),
]
Locale = Annotated[
    str | None,
    strawberry.argument(
        description="A BCP 47 language tag such as en or pt-BR. Defaults to `Accept-Language`, then"
        " to the owner's language."
    ),
]
Search = Annotated[
    str | None,
    strawberry.argument(
        description="Text to search for: at least 3 letters or digits, or 2 in a script such as"
        " Chinese, Japanese or Hindi, or an emoji, and at most 100 characters. Each word matches as"
        " the start of a word, as a part of at least 4 letters, or with a typo. Case, accents and"
        " widths do not count. At most 1,000 entries are found, the same in every order."
    ),
]
NodeId = Annotated[relay.GlobalID, strawberry.argument(description="A global id.")]
IdempotencyKey = Annotated[
    str,
    strawberry.argument(
        description="A unique key of at most 100 characters. A retry with the same key and input"
        " returns the stored result."
    ),
]

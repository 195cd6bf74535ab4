"""Arguments of many fields, each described once."""

from typing import Annotated

import strawberry
from strawberry import relay

from core.keyset import DEFAULT_SIZE, MOST

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"Returns the first entries after `after`, at most {MOST}. Defaults to"
        f" {DEFAULT_SIZE} if `last` is omitted too."
    ),
]
FirstOf = Annotated[
    int, strawberry.argument(description=f"Returns this many of the newest, at most {MOST}.")
]
After = Annotated[str | None, strawberry.argument(description="Returns entries after this cursor.")]
Last = Annotated[
    int | None,
    strawberry.argument(description=f"Returns the last entries before `before`, at most {MOST}."),
]
Before = Annotated[
    str | None, strawberry.argument(description="Returns entries before this cursor.")
]
Resume = Annotated[
    str | None,
    strawberry.argument(
        description="The `cursor` of the last change received. Missed changes are sent first. If"
        " omitted, starts with new changes."
    ),
]
Locale = Annotated[
    str | None,
    strawberry.argument(
        description="A language tag such as en or pt-BR (BCP 47). Defaults to `Accept-Language`. If"
        " there is no text in that language, returns it in the owner's."
    ),
]
Search = Annotated[
    str | None, strawberry.argument(description="Text to search for, 2 to 100 characters.")
]
NodeId = Annotated[relay.GlobalID, strawberry.argument(description="A global id.")]
IdempotencyKey = Annotated[
    str,
    strawberry.argument(
        description="A unique key of at most 100 characters. A retry with the same key and input"
        " returns the stored result."
    ),
]

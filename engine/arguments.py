"""Arguments that many fields take, each described once."""

from typing import Annotated

import strawberry
from strawberry import relay

from core.keyset import DEFAULT_SIZE, MOST

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many entries from the start or behind `after`, at most {MOST};"
        f" {DEFAULT_SIZE} when neither `first` nor `last` is given."
    ),
]
FirstOf = Annotated[
    int, strawberry.argument(description=f"How many of the newest, at most {MOST}.")
]
After = Annotated[
    str | None,
    strawberry.argument(description="The cursor of the entry that the page starts behind."),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many entries from the end or before `before`, at most {MOST}."
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(description="The cursor of the entry that the page ends before."),
]
Resume = Annotated[
    str | None,
    strawberry.argument(
        description="The `cursor` of the last change seen, to miss none; absent: from now on."
    ),
]
Locale = Annotated[
    str | None,
    strawberry.argument(
        description="A language tag such as en or pt-BR (BCP 47); absent: as `Accept-Language`"
        " says. Where there is no such text it is the owner's own."
    ),
]
Search = Annotated[
    str | None,
    strawberry.argument(description="Words to look for, between 2 and 100 characters."),
]
NodeId = Annotated[relay.GlobalID, strawberry.argument(description="Its global id.")]

"""The order of lists that can be read from either end."""

from enum import StrEnum
from typing import Annotated

import strawberry

from engine.enums import publish


class TimeOrder(StrEnum):
    """The order of a list by time."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"


publish(TimeOrder, "The order of a list by time.", NEWEST="Newest first.", OLDEST="Oldest first.")

OrderBy = Annotated[TimeOrder, strawberry.argument(description="The order. Defaults to NEWEST.")]

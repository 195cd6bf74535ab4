"""The hours in which a vendor answers, and how long its first answers take."""

from datetime import time

import strawberry

from engine.types import column, field
from models.chat import hours as rows


@strawberry.type(description="Opening hours on one weekday, in the vendor's time zone.")
class ChatSpan:
    weekday: int = column("The day of the week, from 1 for Monday to 7 for Sunday.")
    opens: time = column("The start.")
    closes: time = column("The end. 00:00 is midnight at the end of the day.")


@strawberry.type(description="The hours in which a vendor answers in the chat. Public.")
class ChatHours:
    auto_reply: str = column("The automatic reply outside these hours. Not sent if empty.")

    @field(
        "The opening hours in the order of the week. If empty, always open.",
        needs=("spans", "auto_reply"),
        size=rows.MAX_SPANS,
        public=True,
    )
    def spans(root: strawberry.Parent[rows.ChatHours]) -> list[ChatSpan]:
        return [ChatSpan(**span.model_dump()) for span in root.hours.spans]


@strawberry.type(
    description="First response times of a vendor in the last 30 days, over at most the latest"
    " 5,000 conversations."
)
class FirstAnswer:
    median_seconds: int | None = column(
        "The median seconds until a member's first answer. Null without answers."
    )
    answered: int = column("The number of conversations that a member answered.")
    waiting: int = column("The number of conversations without an answer.")

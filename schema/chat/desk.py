"""What a vendor answers by: canned replies, and the hours somebody is there."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from core.errors import BadInput
from core.text import searchable
from dataloaders.vendors import vendor_by_id
from engine.types import Rows, column, field, related
from models.chat import canned_replies as rows
from models.chat import hours
from schema.chat.enums import AssignmentFilter, ConversationState

if TYPE_CHECKING:
    from schema.vendors.types import Vendor

StartingWith = Annotated[
    str | None,
    strawberry.argument(
        description="Only those whose title begins so; case and accents don't matter."
    ),
]
AssignedTo = Annotated[AssignmentFilter, strawberry.argument(description="Whose of them.")]
InState = Annotated[ConversationState, strawberry.argument(description="In which state.")]


@strawberry.type(description="Text that a vendor's members send often.")
class CannedReply(Rows[rows.CannedReply], relay.Node):
    """For the vendor's members alone."""

    id: relay.NodeID[UUID]
    title: str = column("What it is found by.")
    text: str = column("What is sent.")
    created_at: datetime = column("When it was first saved.")
    vendor: Annotated["Vendor", strawberry.lazy("schema.vendors.types")] = related(
        vendor_by_id, by="vendor_id", description="Whose it is."
    )


@strawberry.type(description="Hours of one day of the week, in the vendor's time zone.")
class ChatSpan:
    """As a client shows it."""

    weekday: int = column("From Monday, 1, to Sunday, 7.")
    opens: time = column("When it begins.")
    closes: time = column("When it ends; 00:00 is midnight at the end of the day.")


@strawberry.type(description="When a vendor answers in the chat.")
class ChatHours:
    """Public."""

    auto_reply: str = column("What is said for the vendor at other times; empty: nothing.")

    @field("In the order of the week; none: at any time.", size=hours.MAX_SPANS)
    def spans(root: strawberry.Parent[hours.ChatHours]) -> list[ChatSpan]:
        return [ChatSpan(**span.model_dump()) for span in root.hours.spans]


@strawberry.type(
    description="How soon a vendor answered those who first wrote to it in the last thirty days."
)
class FirstAnswer:
    """Of the latest 5,000 of them, if there are more."""

    median_seconds: int | None = column(
        "Half of the first answers by a person took less than this; null if there is none."
    )
    answered: int = column("How many have been answered by a person.")
    waiting: int = column("How many wait for their first answer.")


def titled(
    replies: Sequence[rows.CannedReply], starting_with: str | None
) -> Sequence[rows.CannedReply]:
    """Those whose title begins so. `BadInput` for what is longer than any title."""
    if starting_with is None:
        return replies
    if len(starting_with) > rows.MAX_TITLE_LENGTH:
        raise BadInput(
            "Must have at most {max_length} characters.", max_length=rows.MAX_TITLE_LENGTH
        )
    sought = searchable(starting_with)
    return [reply for reply in replies if searchable(reply.title).startswith(sought)]

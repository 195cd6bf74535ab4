"""Returns of ordered goods."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.orders import line_by_id, lines_of_return, suborder_by_id, visible_return
from engine.enums import publish
from engine.ids import id_of
from engine.types import Rows, column, related
from models.orders import returns as rows
from models.orders.lines import MAX_LINES
from models.orders.returns import RETURN_DAYS, ReturnState
from schema.lazy import LazyOrderLine, LazySubOrder

ReturnId = Annotated[UUID, id_of("ReturnRequest", "The return's id.")]

publish(
    ReturnState,
    "The state of a return.",
    REQUESTED="Waits for the vendor's answer.",
    ACCEPTED=f"The buyer can send the goods, which must arrive within {RETURN_DAYS} days.",
    RECEIVED="The goods have arrived, and are refunded.",
    DECLINED="Declined by the vendor, with the reason in `answer`.",
    WITHDRAWN="Withdrawn by the buyer.",
    EXPIRED="Accepted, but the goods did not arrive in time.",
)


@strawberry.type(description="Units of a line that are to be returned.")
class ReturnLine(Rows[rows.ReturnLine]):
    quantity: int = column("The number of units.")
    line: LazyOrderLine = related(line_by_id, by="line_id", description="The line.")


@strawberry.type(
    description="A buyer's wish to return units of one vendor's part. Visible to the buyer, to the"
    " vendor's members with the STAFF role or higher, and to admins."
)
class ReturnRequest(Rows[rows.ReturnRequest], relay.Node, access=visible_return):
    id: relay.NodeID[UUID]
    state: ReturnState = column("The state of the return.")
    reason: str = column("The reason, in the buyer's words.")
    answer: str | None = column(
        "The vendor's answer: the reason why it was declined, or where to send the goods."
    )
    requested_at: datetime = column("The time at which it was requested.", of="created_at")
    accepted_at: datetime | None = column("The time at which the vendor accepted it.")
    ended_at: datetime | None = column("The time at which it was received, or ended otherwise.")
    suborder: LazySubOrder = related(
        suborder_by_id, by="suborder_id", description="The vendor's part of the order."
    )
    returned_lines: list[ReturnLine] = related(
        lines_of_return,
        by="id",
        description=f"The units that are to be returned, at most {MAX_LINES} lines.",
        size=5,
    )

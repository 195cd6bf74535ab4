"""Seats of a date: their map, and the inputs of members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from core.ids import global_id
from dataloaders.events import currency_of_event
from engine.ids import id_field, id_of, ids_field
from engine.types import Rows, column, loaded
from models.events.dates import EventDate as EventDateRow
from models.events.seats.seat_maps import MAX_BLOCK_REASON_LENGTH, MAX_BLOCKED, BlockDraft
from models.validation import parse
from schema.events.enums import PlaceState
from schema.events.sales import QueueFigures
from schema.money import Money, money_of

SeatId = Annotated[UUID, id_of("Seat", "The seat's id.")]
TicketId = Annotated[UUID, id_of("Ticket", "The ticket's id.")]
DateId = Annotated[UUID, id_of("EventDate", "The date's id.")]


@strawberry.input(description="A state for seats of a date.")
class BlockSeatsInput:
    event_date_id: UUID = id_field("EventDate", "The date's id.")
    seat_ids: list[UUID] = ids_field("Seat", f"The seats, at most {MAX_BLOCKED}.")
    state: PlaceState = column("BLOCKED, KILLED, or FREE to sell them again.")
    reason: str | None = strawberry.field(
        default=None,
        description=f"The reason, for members. At most {MAX_BLOCK_REASON_LENGTH} characters.",
    )


def block_draft(input: BlockSeatsInput) -> BlockDraft:
    return parse(BlockDraft, seat_ids=input.seat_ids, state=input.state, reason=input.reason)


@strawberry.type(description="The taken seats of a row of the chart.")
class SeatMapRow:
    row_id: strawberry.ID = strawberry.field(description="The id of the row, as in the chart.")
    taken: list[int] = strawberry.field(
        description="Runs of seats that cannot be held: the first and the last position of each, in"
        " turn. Empty if all are free."
    )

    @classmethod
    def of(cls, row_id: UUID, taken: Sequence[int]) -> "SeatMapRow":
        return cls(row_id=strawberry.ID(global_id("ChartRow", row_id)), taken=list(taken))


@strawberry.type(description="The taken seats of a date. Visible to everyone who can see it.")
class SeatMap:
    cursor: str = strawberry.field(
        description="A cursor to pass as `after` to `seatMapChanges`, to receive every change since"
        " this map was read."
    )
    rows: list[SeatMapRow] = strawberry.field(
        description="The rows with taken seats. All seats of other rows are free."
    )


@strawberry.type(description="A change of seats of a date, of the last 250 milliseconds.")
class SeatMapChange:
    cursor: str = strawberry.field(description="The cursor to resume after this change.")
    rows: list[SeatMapRow] = strawberry.field(
        description="The changed rows as they are now, in place of what was known of them. Empty if"
        " there is only a newer cursor to resume from."
    )


@strawberry.type(
    description="The totals of the sale of a date, as of its last change. Visible to the vendor's"
    " members with the STAFF role or higher."
)
class SaleTotals(Rows[EventDateRow]):
    held: int = column("The tickets that are held, also in orders.", of="stat_held", volatile=True)
    sold: int = column("The valid tickets.", of="stat_sold", volatile=True)
    checked_in: int = column(
        "The tickets that were checked in.", of="stat_checked_in", volatile=True
    )
    counted_at: datetime | None = column(
        "The time of the figures. Null before the first change.", of="stat_at", volatile=True
    )

    @loaded(
        currency_of_event,
        by="event_id",
        description="The price of the valid tickets.",
        needs=("event_id", "stat_revenue"),
        volatile=True,
    )
    def revenue(root: strawberry.Parent[EventDateRow], currency: str) -> Money:
        return money_of(root.stat_revenue, currency)


@strawberry.type(description="A change of the sale of a date.")
class SalesChange:
    cursor: str = strawberry.field(description="The cursor to resume after this change.")
    sales: SaleTotals | None = strawberry.field(
        description="The figures as they are now. Null if only the queue or the cursor has changed."
    )
    ticket_ids: list[strawberry.ID] = strawberry.field(
        description="The last tickets that were sold, at most 20."
    )
    queue_figures: QueueFigures | None = strawberry.field(
        default=None,
        description="How far users of the event's sale queue have come. Null unless the queue has"
        " changed, which is announced about once a second.",
    )

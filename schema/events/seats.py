"""Seats of a date: their map, and the inputs of members."""

from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import id_field, id_of, ids_field
from engine.types import column
from models.events.seat_maps import MAX_BLOCK_REASON_LENGTH, MAX_BLOCKED, BlockDraft
from models.validation import parse
from schema.events.enums import PlaceState

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

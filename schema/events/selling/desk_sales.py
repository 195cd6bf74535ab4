"""Sales at the desk."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.events import codes_of_hold, date_by_id, lines_of_hold, visible_desk_sale
from engine.ids import id_field, ids_field
from engine.types import Rows, column, field, related
from models.events.selling import desk_sales as rows
from models.events.selling import holds
from models.events.ticket_types import MAX_ADMITS, MAX_PER_HOLD
from models.validation import parse
from schema.events.enums import DeskPayment
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.events.selling.holds import BEST, SEATS, BestSeatsInput, HoldLine, HoldLineInput
from schema.events.types import EventDate
from schema.money import Money, money_of

MOST = MAX_PER_HOLD * MAX_ADMITS


@strawberry.type(
    description="Tickets that a member sold at the desk, or gave away. Visible to the vendor's"
    " members with the STAFF role or higher, and admins."
)
class DeskSale(Rows[rows.DeskSale], relay.Node, access=visible_desk_sale):
    id: relay.NodeID[UUID]
    paid: DeskPayment = column("How it was paid.")
    created_at: datetime = column("The time of the sale.")
    event_date: EventDate = related(date_by_id, by="event_date_id", description="The date.")
    ticket_codes: list[str] = related(
        codes_of_hold,
        by="hold_id",
        description=f"The short codes of its valid tickets, to print. At most {MOST}.",
        size=5,
    )
    hold_lines: list[HoldLine] = related(
        lines_of_hold,
        by="hold_id",
        description="The lines of the sale in their order, each seat in one, at most"
        f" {holds.MAX_HOLD_LINES}.",
        size=5,
    )

    @field("The price of all its tickets.", needs=("total", "currency"))
    def total(root: strawberry.Parent[rows.DeskSale]) -> Money:
        return money_of(root.total, root.currency)


@strawberry.input(description="Tickets to sell at the desk, all or none.")
class SellAtDeskInput:
    event_date_id: UUID = id_field("EventDate", "The date's id.")
    lines: list[HoldLineInput] = column(
        f"The ticket types, at most {holds.MAX_TYPES_OF_HOLD}, each once. All together at most"
        f" {MAX_PER_HOLD} units."
    )
    paid: DeskPayment = column("How they are paid.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    seat_ids: list[UUID] | None = ids_field("Seat", SEATS, default=None)
    best: BestSeatsInput | None = strawberry.field(default=None, description=BEST)


def desk_draft(input: SellAtDeskInput) -> holds.HoldDraft:
    lines = [vars(line) for line in input.lines]
    best = None if input.best is None else vars(input.best)
    return parse(holds.HoldDraft, lines=lines, seat_ids=input.seat_ids, best=best)

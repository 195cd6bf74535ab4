"""Holds of tickets, their lines and their inputs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.events import (
    currency_of_hold,
    date_by_id,
    lines_of_hold,
    seat_by_id,
    type_by_id,
    visible_hold,
)
from dataloaders.orders import visible_order
from dataloaders.questions import answers_of_hold, questions_of_hold
from engine.ids import id_field, id_of, ids_field
from engine.scalars import BigInt
from engine.types import Rows, column, loaded, related
from models.events.questions import MAX_QUESTIONS
from models.events.selling import holds as rows
from models.events.ticket_types import MAX_PER_HOLD
from models.validation import parse
from schema.events.enums import HoldSource, HoldState, Together
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.events.questions import AttendeeAnswer, EventQuestion
from schema.events.seats.charts import Seat
from schema.events.ticket_types import TicketType
from schema.events.types import EventDate
from schema.lazy import LazyOrder
from schema.money import Money, money_of

HoldId = Annotated[UUID, id_of("TicketHold", "The hold's id.")]
SEATS = "The seats of all tickets that have one, as many as these."
BEST = "How seats are chosen. Without it and `seatIds`, together in a row."
CODE = "A code that unlocks a ticket type, in any case. Its discount is up to the order."


@strawberry.type(description="So many units of a ticket type in a hold, at a price.")
class HoldLine(Rows[rows.HoldLine]):
    quantity: int = column("The number of units.")
    admits: int = column("The number of tickets that each gives.")
    ticket_type: TicketType = related(
        type_by_id, by="ticket_type_id", description="The ticket type."
    )
    seat: Seat | None = related(
        seat_by_id, by="seat_id", description="The seat. Null if the ticket type has none."
    )

    @loaded(
        currency_of_hold,
        by="hold_id",
        description="The price of a unit.",
        needs=("hold_id", "price"),
    )
    def price(root: strawberry.Parent[rows.HoldLine], currency: str) -> Money:
        return money_of(root.price, currency)


@strawberry.type(
    description="Tickets of one date that a user has until a time, before they are ordered. Visible"
    " to its user, to the vendor's members with the STAFF role or higher, and admins."
)
class TicketHold(Rows[rows.TicketHold], relay.Node, access=visible_hold):
    id: relay.NodeID[UUID]
    state: HoldState = column("The state.")
    hold_source: HoldSource = column("Where it comes from.", of="source")
    expires_at: datetime = column(
        "The time at which it expires while it is OPEN. `changeHold` postpones it."
    )
    hard_until: datetime = column("The time after which no change postpones it.")
    revision: int = column("The number of changes.")
    created_at: datetime = column("The time at which it was made.")
    ended_at: datetime | None = column("The time of its end. Null while it is OPEN or CHECKOUT.")
    event_date: EventDate = related(date_by_id, by="event_date_id", description="The date.")
    hold_lines: list[HoldLine] = related(
        lines_of_hold,
        by="id",
        description=f"Its lines in their order, at most {rows.MAX_HOLD_LINES}.",
        size=5,
    )

    questions: list[EventQuestion] = related(
        questions_of_hold,
        by="id",
        description=f"The questions that are asked for its tickets, at most {MAX_QUESTIONS}.",
        size=5,
    )
    answers: list[AttendeeAnswer] = related(
        answers_of_hold,
        by="id",
        description="The answers by the place of their ticket: at most one of each ticket to each"
        " question. `answers` of a ticket has later ones.",
        size=10,
    )
    order: LazyOrder | None = related(
        visible_order,
        by="order_id",
        description="The order that it is bought with. Null without one.",
    )

    @loaded(
        lines_of_hold,
        by="id",
        description="The price of all tickets, before discounts.",
        needs=("id", "currency"),
    )
    def total(root: strawberry.Parent[rows.TicketHold], lines: Sequence[rows.HoldLine]) -> Money:
        return money_of(sum(line.price * line.quantity for line in lines), root.currency)


@strawberry.input(description="So many units of a ticket type.")
class HoldLineInput:
    ticket_type_id: UUID = id_field("TicketType", "The ticket type's id.")
    quantity: int = column(f"The number of units, at most {MAX_PER_HOLD}.")
    amount_minor: BigInt | None = strawberry.field(
        default=None,
        description="The amount of a unit of a DONATION in minor units, at least its price."
        " Defaults to that, and is of no other kind.",
    )


@strawberry.input(
    description="How seats are chosen, if none are given: the best in the categories of the ticket"
    " types, without a single seat beside them if possible."
)
class BestSeatsInput:
    together: Together = strawberry.field(
        default=Together.ROW, description="How close they are. Defaults to ROW."
    )
    accessible: int = strawberry.field(
        default=0,
        description="So many of them are places for wheelchairs, at most 10. The others are beside"
        " them.",
    )
    section_id: UUID | None = id_field("ChartSection", "Only in this section.", default=None)


@strawberry.input(description="Tickets of a date to hold, all or none.")
class HoldTicketsInput:
    event_date_id: UUID = id_field("EventDate", "The date's id.")
    lines: list[HoldLineInput] = column(
        f"The ticket types, at most {rows.MAX_TYPES_OF_HOLD}, each once. All together at most"
        f" {MAX_PER_HOLD} units."
    )
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    code: str | None = strawberry.field(default=None, description=CODE)
    seat_ids: list[UUID] | None = ids_field("Seat", SEATS, default=None)
    best: BestSeatsInput | None = strawberry.field(default=None, description=BEST)
    admission: str | None = strawberry.field(
        default=None, description="The admission of `enterSale`, while the event has a sale queue."
    )


@strawberry.input(description="The tickets of a hold in place of those that it has, all or none.")
class ChangeHoldInput:
    hold_id: UUID = id_field("TicketHold", "The hold's id.")
    lines: list[HoldLineInput] = column(
        f"The ticket types, at most {rows.MAX_TYPES_OF_HOLD}, each once. All together at most"
        f" {MAX_PER_HOLD} units."
    )
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    code: str | None = strawberry.field(default=None, description=CODE)
    seat_ids: list[UUID] | None = ids_field("Seat", SEATS, default=None)
    best: BestSeatsInput | None = strawberry.field(default=None, description=BEST)


def hold_draft(input: HoldTicketsInput | ChangeHoldInput) -> rows.HoldDraft:
    lines: list[dict[str, Any]] = [vars(line) for line in input.lines]
    best = None if input.best is None else vars(input.best)
    admission = input.admission if isinstance(input, HoldTicketsInput) else None
    return parse(
        rows.HoldDraft,
        lines=lines,
        code=input.code,
        seat_ids=input.seat_ids,
        best=best,
        admission=admission,
    )

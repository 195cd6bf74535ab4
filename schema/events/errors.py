"""Errors of events and tickets that carry data."""

from datetime import datetime

import strawberry

from engine.errors.conversion import UserError, error_type
from models.events import dates, events, ticket_types
from models.events.seats import seat_maps
from models.events.selling import holds, resale, sale_queue
from schema.money import Money


@error_type(events.SaleNotOpen)
@strawberry.type(description="Tickets are not on sale yet.")
class SaleNotOpen(UserError):
    opens_at: datetime | None = strawberry.field(
        description="The time at which the sale opens. Null if it is not known."
    )


@error_type(ticket_types.TicketsSoldOut)
@strawberry.type(description="Fewer tickets are left than wanted.")
class TicketsSoldOut(UserError):
    waitlist_open: bool = strawberry.field(description="Whether users can wait for tickets.")


@error_type(holds.TicketLimit)
@strawberry.type(description="The user would have more tickets of the date than one may.")
class TicketLimit(UserError):
    left: int = strawberry.field(description="The tickets that the user can still get.")


@error_type(dates.EventDateChanged)
@strawberry.type(description="The date was moved in the meantime.")
class EventDateChanged(UserError):
    revision: int = strawberry.field(description="The current revision.")


@error_type(holds.HoldExists)
@strawberry.type(description="The user has an open hold of the date.")
class HoldExists(UserError):
    hold_id: strawberry.ID | None = strawberry.field(
        description="The hold's id. Null if it was made at this moment."
    )


@error_type(seat_maps.SeatsTaken)
@strawberry.type(description="Some of the seats are not free.")
class SeatsTaken(UserError):
    seat_ids: list[strawberry.ID] = strawberry.field(description="Those that are not free.")


@error_type(seat_maps.NoSeatsTogether)
@strawberry.type(description="No run of free seats is long enough.")
class NoSeatsTogether(UserError):
    largest: int = strawberry.field(description="The most seats that are free side by side.")


@error_type(seat_maps.LeavesSingleSeat)
@strawberry.type(description="The seats would leave single ones.")
class LeavesSingleSeat(UserError):
    seat_ids: list[strawberry.ID] = strawberry.field(description="The seats that would be left.")


@error_type(sale_queue.NotYourTurn)
@strawberry.type(description="The queue has not called the user yet.")
class NotYourTurn(UserError):
    ahead: int | None = strawberry.field(
        description="How many come before the user. Null before the draw."
    )


@error_type(resale.ResalePriceTooHigh)
@strawberry.type(description="The price is higher than what was paid for the ticket.")
class ResalePriceTooHigh(UserError):
    highest: Money = strawberry.field(description="The highest price.")


ERRORS = (
    SaleNotOpen,
    TicketsSoldOut,
    TicketLimit,
    EventDateChanged,
    HoldExists,
    NotYourTurn,
    SeatsTaken,
    NoSeatsTogether,
    LeavesSingleSeat,
    ResalePriceTooHigh,
)

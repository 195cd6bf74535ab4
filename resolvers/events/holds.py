"""Holds of tickets: made, changed and given back by users."""

from typing import Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import events, ticket_types
from models.events.seats import seat_maps
from models.events.selling import holds, sale_queue
from schema.events.selling.holds import (
    ChangeHoldInput,
    HoldId,
    HoldTicketsInput,
    TicketHold,
    hold_draft,
)
from services.events.holds import holding
from services.events.holds.access import list_holds

HOLDING = (
    InvalidInput,
    NotFound,
    events.SaleNotOpen,
    events.SaleEnded,
    ticket_types.CodeNeeded,
    ticket_types.TicketQuantity,
    ticket_types.TicketNeeded,
    ticket_types.TicketsSoldOut,
    holds.TicketLimit,
    seat_maps.SeatsTaken,
    seat_maps.NoSeatsTogether,
    seat_maps.LeavesSingleSeat,
    *KEYED,
)


@strawberry.type
class HoldQuery:
    @connection(Connection[TicketHold], "The viewer's holds of tickets, newest first.")
    def ticket_holds(self, info: Info) -> Listing[Any]:
        return list_holds(info.context.viewer)


@strawberry.type
class HoldMutation:
    @mutation(
        hold=TicketHold,
        raises=(*HOLDING, holds.HoldExists, sale_queue.QueueRequired, sale_queue.AdmissionEnded),
    )
    async def hold_tickets(self, info: Info, input: HoldTicketsInput) -> holds.TicketHold:
        """Hold tickets of a date for ten minutes, so that they can be ordered. A user has at most
        one open hold of a date.
        """
        async with info.context.prepared_transaction(input.event_date_id) as unit:
            return await holding.hold_tickets(
                unit,
                info.context.viewer,
                info.context.app.keys,
                event_date_id=input.event_date_id,
                draft=hold_draft(input),
                idempotency_key=input.idempotency_key,
            )

    @mutation(hold=TicketHold, raises=(*HOLDING, holds.HoldExpired))
    async def change_hold(self, info: Info, input: ChangeHoldInput) -> holds.TicketHold:
        """Replace the tickets of an open hold. It expires ten minutes later, but never after
        `hardUntil`.
        """
        async with info.context.prepared_transaction() as unit:
            return await holding.change_hold(
                unit,
                info.context.viewer,
                hold_id=input.hold_id,
                draft=hold_draft(input),
                idempotency_key=input.idempotency_key,
            )

    @mutation(hold=TicketHold, raises=(NotFound, holds.HoldExpired), repeatable="sets a state")
    async def release_hold(self, info: Info, hold_id: HoldId) -> holds.TicketHold:
        """Give the tickets of an open hold back."""
        async with info.context.prepared_transaction() as unit:
            return await holding.release_hold(unit, info.context.viewer, hold_id=hold_id)

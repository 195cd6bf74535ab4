"""Seats of dates, managed by members."""

import strawberry

from dataloaders.events import visible_date
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.events import dates as date_rows
from models.events import events, tickets
from models.events.seats import seat_maps
from models.events.seats.charts import Seat as SeatRow
from schema.events.seats.charts import Seat
from schema.events.seats.maps import (
    BlockSeatsInput,
    DateId,
    SeatId,
    SeatMap,
    SeatMapRow,
    TicketId,
    block_draft,
)
from schema.events.types import EventDate
from services.events.seats import managing, maps
from services.journal.topics import event_topic


@strawberry.type
class SeatQuery:
    @field(
        "Returns the taken seats of a date, for the chart that the date has. Null if it doesn't"
        " exist or the viewer can't see it.",
        cost=20,
    )
    async def seat_map(self, info: Info, event_date_id: DateId) -> SeatMap | None:
        date = await info.context.loaders[visible_date].load(event_date_id)
        if date is None:
            return None
        cursor = await info.context.cursor(event_topic(date.event_id))  # before the state
        async with info.context.read_session() as session:
            found = await maps.read_map(session, event_date_id)
        rows = [SeatMapRow.of(row_id, taken) for row_id, taken in found.items()]
        return SeatMap(cursor=cursor, rows=rows)


@strawberry.type
class SeatMutation:
    @mutation(
        event_date=EventDate,
        raises=(InvalidInput, NotFound, events.InvalidEventState, seat_maps.SeatsTaken),
        repeatable="sets a state",
    )
    async def block_seats(self, info: Info, input: BlockSeatsInput) -> date_rows.EventDate:
        """Block or free seats of a date that are neither held nor sold."""
        draft = block_draft(input)
        async with info.context.transaction() as session:
            return await managing.block_seats(
                session,
                info.context.viewer,
                event_date_id=input.event_date_id,
                draft=draft,
            )

    @mutation(
        seat=Seat,
        audit=AuditAct.RESEAT_TICKET,
        raises=(InvalidInput, NotFound, seat_maps.SeatsTaken, tickets.TicketCancelled),
        repeatable="sets a value",
    )
    async def reseat_ticket(self, info: Info, ticket_id: TicketId, seat_id: SeatId) -> SeatRow:
        """Give a ticket another seat that is free. Its code and its price stay as they are, and its
        holder is notified.
        """
        async with info.context.transaction() as session:
            return await managing.reseat_ticket(
                session, info.context.viewer, ticket_id=ticket_id, seat_id=seat_id
            )

"""Tickets, sold at the desk by members of the vendor."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import events, ticket_types
from models.events.seats import seat_maps
from models.events.selling import desk_sales
from schema.events.selling.desk_sales import DeskSale, SellAtDeskInput, desk_draft
from services.events import desk


@strawberry.type
class DeskMutation:
    @mutation(
        sale=DeskSale,
        raises=(
            InvalidInput,
            NotFound,
            events.SaleNotOpen,
            events.SaleEnded,
            ticket_types.TicketQuantity,
            ticket_types.TicketsSoldOut,
            seat_maps.SeatsTaken,
            seat_maps.NoSeatsTogether,
            *KEYED,
        ),
    )
    async def sell_at_desk(self, info: Info, input: SellAtDeskInput) -> desk_sales.DeskSale:
        """Sell tickets to visitors at the desk, or give them away. They are issued at once, also
        of types that need a code or are not on public sale. Their seats are chosen as in
        `holdTickets`, and may leave single ones.
        """
        draft = desk_draft(input)
        async with info.context.transaction(input.event_date_id) as session:
            return await desk.sell_at_desk(
                session,
                info.context.viewer,
                draft,
                event_date_id=input.event_date_id,
                paid=input.paid,
                idempotency_key=input.idempotency_key,
            )

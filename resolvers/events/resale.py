"""Resale of tickets by their holders."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.events import tickets
from models.events.selling import resale as rows
from schema.events.selling.resale import ListedTicketId, ListTicketInput
from schema.events.tickets import Ticket
from services.events.resale.listing import list_ticket, unlist_ticket


@strawberry.type
class ResaleMutation:
    @mutation(
        ticket=Ticket,
        raises=(
            InvalidInput,
            NotFound,
            tickets.TicketCancelled,
            tickets.TicketUsed,
            tickets.TicketDateOver,
            tickets.TicketListed,
            tickets.InvalidTransferState,
            rows.ResaleRefused,
            rows.ResalePriceTooHigh,
            *KEYED,
        ),
    )
    async def list_ticket(self, info: Info, input: ListTicketInput) -> tickets.Ticket:
        """Resell a ticket to a user of the waitlist, if the event allows it. It stays valid until
        it is sold: then it is cancelled, the buyer gets a new one, and what it was sold for goes
        back to who had paid for it, the way it was paid.
        """
        async with info.context.transaction() as session:
            return await list_ticket(
                session,
                info.context.viewer,
                input.draft(),
                ticket_id=input.ticket_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(ticket=Ticket, raises=(NotFound, rows.ResaleHeld), repeatable="sets a state")
    async def unlist_ticket(self, info: Info, ticket_id: ListedTicketId) -> tickets.Ticket:
        """Take a ticket off the list for resale, unless it is held for a user who waits."""
        async with info.context.transaction() as session:
            return await unlist_ticket(session, info.context.viewer, ticket_id=ticket_id)

"""Tickets: listed, named and cancelled."""

from typing import Any

import strawberry

from core.keyset import Listing
from engine.connections import LiveConnection, connection
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models.errors import KEYED, InvalidInput, NotFound
from models.events import tickets as rows
from models.payments.disputes import PaymentDisputed
from models.payments.refunds import RefundTooLarge, UnitsRefunded
from models.validation import parse
from schema.events.tickets import CancelTicketInput, DateIds, NameAttendeeInput, PdfIds, Ticket
from schema.invoices.inputs import ExpiresIn
from schema.links import ExpiringLink, expiring
from services.events.tickets.access import list_tickets
from services.events.tickets.cancelling import cancel_ticket
from services.events.tickets.links import LINK_SECONDS, MAX_SECONDS, MIN_SECONDS, PATH
from services.events.tickets.naming import name_attendee
from services.events.tickets.printing import link_tickets


@strawberry.type
class TicketQuery:
    @connection(
        LiveConnection[Ticket],
        "The tickets that the viewer holds, newest first. Subscription: `ticketChanges`.",
    )
    def tickets(self, info: Info, event_date_ids: DateIds = None) -> Listing[Any]:
        return list_tickets(info.context.viewer, event_date_ids)

    @field(
        "A link to a PDF of tickets, a page of A5 each. It shows nothing any more once one of them"
        " is transferred or cancelled.",
        cost=5,
    )
    async def tickets_pdf(
        self, info: Info, ticket_ids: PdfIds, expires_in: ExpiresIn = LINK_SECONDS
    ) -> ExpiringLink:
        async with info.context.read_session() as session:
            link = await link_tickets(session, info.context.viewer, ticket_ids)
        seconds = min(max(expires_in, MIN_SECONDS), MAX_SECONDS)
        return expiring(info, PATH, link.sign(info.context.app.keys, seconds))


@strawberry.type
class TicketMutation:
    @mutation(
        ticket=Ticket,
        raises=(InvalidInput, NotFound, rows.TicketCancelled, rows.TicketDateOver),
        repeatable="sets a name",
    )
    async def name_attendee(self, info: Info, input: NameAttendeeInput) -> rows.Ticket:
        """Set who attends with a ticket. For its holder, and the vendor's members with the STAFF
        role or higher.
        """
        draft = parse(rows.AttendeeDraft, name=input.name)
        async with info.context.transaction() as session:
            return await name_attendee(
                session,
                info.context.viewer,
                info.context.app.sealer,
                draft,
                ticket_id=input.ticket_id,
            )

    @mutation(
        ticket=Ticket,
        raises=(
            InvalidInput,
            NotFound,
            rows.TicketCancelled,
            rows.TicketUsed,
            rows.TicketDateOver,
            UnitsRefunded,
            RefundTooLarge,
            PaymentDisputed,
            *KEYED,
        ),
    )
    async def cancel_ticket(self, info: Info, input: CancelTicketInput) -> rows.Ticket:
        """Cancel a ticket, so that its codes are refused and it can be sold again. A holder who
        cancels before `refundUntil` gives the buyer back what the policy allows, the way it was
        paid. The vendor's members with the STAFF role or higher cancel without a refund, which
        `grantRefund` grants.
        """
        draft = parse(rows.CancelTicketDraft, reason=input.reason)
        async with info.context.transaction() as session:
            return await cancel_ticket(
                session,
                info.context.viewer,
                draft,
                ticket_id=input.ticket_id,
                idempotency_key=input.idempotency_key,
            )

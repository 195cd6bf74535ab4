"""The names of attendees, which holders and members set."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.events.tickets import AttendeeDraft, Ticket
from services.events.entries import TicketChanged
from services.events.tickets.access import ensure_before_end, find_ticket, lock_ticket
from services.journal import append as journal
from services.journal.topics import user_topic
from services.viewer import Viewer


async def name_attendee(
    session: AsyncSession, viewer: Viewer, sealer: Sealer, draft: AttendeeDraft, *, ticket_id: UUID
) -> Ticket:
    """Set who attends with a ticket, for its holder and for members.

    Raises `TicketCancelled`, and `TicketDateOver` once the date has ended.
    """
    await find_ticket(session, viewer, ticket_id)
    await lock_ticket(session, ticket_id)
    ticket = await find_ticket(session, viewer, ticket_id)
    ticket.ensure_valid()
    await ensure_before_end(session, ticket)
    if ticket.open_attendee(sealer) != draft.name:
        ticket.seal_attendee(sealer, draft.name)
        announce_ticket(session, ticket)
    return ticket


def announce_ticket(session: AsyncSession, ticket: Ticket) -> None:
    """Announce a change of a ticket to its holder."""
    if ticket.holder_id is not None:
        journal.append(session, TicketChanged(ticket.id), to=[user_topic(ticket.holder_id)])
